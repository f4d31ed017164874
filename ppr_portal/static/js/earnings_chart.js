// Draws the pay of each day from the table beside it. The table is the source, so the canvas holds nothing that it lacks.
const MICROS = 1_000_000;
const SERIES = ["hours", "confirmed", "assumed", "pending"];
const TICKS_MAX = 4;
const isStill = matchMedia("(prefers-reduced-motion: reduce)");

function readDays(table) {
  return [...table.tBodies[0].rows].map((row) => ({
    label: row.dataset.day,
    name: row.cells[0].textContent,
    isToday: "today" in row.dataset,
    todayWord: row.dataset.today,
    values: [...row.querySelectorAll("data")].map((cell) => Number(cell.value) / MICROS),
    words: [...row.querySelectorAll("data")].map((cell) => cell.textContent),
  }));
}

function readColors() {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  return {
    hours: color("--chart-hours"), hoursLine: color("--chart-hours-line"), confirmed: color("--chart-confirmed"),
    assumed: color("--chart-assumed"), grid: color("--chart-grid"), label: color("--chart-label"), surface: color("--chart-surface"),
    strong: color("--chart-strong"),
  };
}

function pattern(size, draw) {
  const tile = document.createElement("canvas");
  const ratio = Math.max(1, Math.round(devicePixelRatio));
  tile.width = tile.height = size * ratio;
  const pen = tile.getContext("2d");
  pen.scale(ratio, ratio);
  draw(pen);
  const made = pen.createPattern(tile, "repeat");
  made.setTransform(new DOMMatrix().scale(1 / ratio));
  return made;
}

const stipple = (colors) => pattern(4, (pen) => {
  pen.fillStyle = colors.assumed;
  pen.fillRect(0, 0, 4, 4);
  pen.globalAlpha = 0.65;
  pen.fillStyle = colors.surface;
  pen.beginPath();
  pen.arc(2, 2, 0.8, 0, 2 * Math.PI);
  pen.fill();
});

const hatch = (colors) => pattern(7, (pen) => {
  pen.strokeStyle = colors.confirmed;
  pen.lineWidth = 1.25;
  pen.beginPath();
  for (const start of [-7, 0, 7]) { pen.moveTo(start, 7); pen.lineTo(start + 7, 0); }
  pen.stroke();
});

function looks(colors) {
  return [
    { backgroundColor: colors.hours, borderColor: colors.hoursLine },
    { backgroundColor: colors.confirmed, borderColor: colors.confirmed },
    { backgroundColor: stipple(colors), borderColor: colors.assumed },
    { backgroundColor: hatch(colors), borderColor: colors.confirmed },
  ];
}

function showTick(days, isNarrow) {
  const today = days.findIndex((day) => day.isToday);
  const step = isNarrow ? 10 : 7;
  return (index) => {
    if (index === today) return days[index].todayWord;
    const isNear = today >= 0 && Math.abs(index - today) < (isNarrow ? 4 : 2);
    return (index + 1 === days.length || (index % step === 1)) && !isNear ? days[index].label : "";
  };
}

function settings(box, table, days) {
  const colors = readColors();
  const fills = looks(colors);
  const font = { family: getComputedStyle(document.body).fontFamily, size: 11 };
  const tickWords = showTick(days, box.clientWidth < 560);
  const heads = table.tHead.rows[0].cells;
  return {
    type: "bar",
    data: {
      labels: days.map((day) => day.label),
      datasets: SERIES.map((name, index) => ({
        label: name, data: days.map((day) => day.values[index]), stack: "day", barPercentage: 0.78, categoryPercentage: 0.92,
        borderWidth: name === "hours" || name === "pending" ? 1 : 0, borderSkipped: false, ...fills[index],
      })),
    },
    options: {
      animation: isStill.matches ? false : { duration: 120 },
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: {
        colors: { enabled: false },
        legend: { display: false },
        tooltip: {
          displayColors: false,
          filter: (item) => item.raw !== 0,
          callbacks: {
            title: (items) => (items.length ? days[items[0].dataIndex].name : ""),
            label: (item) => `${heads[item.datasetIndex + 1].textContent} ${days[item.dataIndex].words[item.datasetIndex]}`,
          },
        },
      },
      scales: {
        x: {
          stacked: true, grid: { display: false }, border: { color: colors.hoursLine },
          ticks: {
            autoSkip: false, maxRotation: 0, callback: (_, index) => tickWords(index),
            color: (tick) => (days[tick.index]?.isToday ? colors.strong : colors.label),
            font: (tick) => ({ ...font, weight: days[tick.index]?.isToday ? 600 : 400 }),
          },
        },
        y: {
          stacked: true, beginAtZero: true, border: { display: false }, grid: { color: colors.grid },
          ticks: { maxTicksLimit: TICKS_MAX, font, color: colors.label },
        },
      },
    },
  };
}

function draw(box) {
  const table = document.getElementById(box.dataset.earningsChart);
  const days = readDays(table);
  box.hidden = false;
  let chart = new window.Chart(box.querySelector("canvas"), settings(box, table, days));
  // The patterns carry their colors, so a change of theme draws anew.
  const redraw = () => {
    chart.destroy();
    const made = settings(box, table, days);
    made.options.animation = false;
    chart = new window.Chart(box.querySelector("canvas"), made);
  };
  document.addEventListener("ppr:theme", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

for (const box of document.querySelectorAll("[data-earnings-chart]")) draw(box);
