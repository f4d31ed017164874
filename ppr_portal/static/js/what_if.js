// A slider beside each number of the what-if. The numbers are the form; without this file they are all there is.
for (const number of document.querySelectorAll("[data-trial] input[type=number]")) {
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = number.min;
  // Hundreds more fit into the number; a thumb needs a scale it can meet.
  slider.max = String(Math.min(Number(number.max), Math.max(Number(number.dataset.now), 0) + 100));
  slider.value = number.value;
  slider.className = "trial__slider";
  slider.setAttribute("aria-label", `${number.labels[0]?.textContent ?? ""}, ${number.form.dataset.slider}`);
  slider.setAttribute("aria-describedby", number.getAttribute("aria-describedby") ?? "");
  slider.addEventListener("input", () => {
    number.value = slider.value;
  });
  number.addEventListener("input", () => {
    slider.value = number.value;
  });
  number.after(slider);
}
