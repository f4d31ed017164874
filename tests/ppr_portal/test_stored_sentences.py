"""Sentences that are stored in English are told in Spanish, with their values, and what nobody made here stays."""

import re

import pytest
from django.utils import translation

from agents.intake import account_files, files
from agents.intake.faults import REMEDY, list_faults
from contracts import retold
from ppr_portal import stored_sentences
from tests.agents import desk


@pytest.fixture(autouse=True)
def spanish():
    with translation.override("es"):
        yield


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("12 assigned.", "12 asignados."),
        ("1,200 came in. 3 still wait: Row 7: it names no case.", "1.200 han entrado. 3 siguen esperando: Fila 7: no nombra ningún caso."),
        (
            f'Row 1234: column "Estado" says "a. b", which is no state that Desk, version 2 knows. {REMEDY}',
            "Fila 1234: la columna «Estado» dice «a. b», que no es un estado que conozca Desk, version 2. "
            "Corregir la fila o añadir una versión del mapeo, e importar el archivo de nuevo.",
        ),
        (
            'Case INC1, resolved on 2016-03-01: "Kim  Lee" in agent of Desk stands for no agent yet. Map it to the agent it stands for.',
            "Caso INC1, resuelto el 2016-03-01: «Kim  Lee» en agent de Desk aún no representa a ningún agente. Asignarlo al agente al que "
            "representa.",
        ),
        ("Map 3 held rows to Maya Torres", "Asignar 3 filas bloqueadas al agente Maya Torres"),
        (
            "Maya Torres has no active pay plan in March 2016; assign one and calculate again.",
            "Maya Torres no tiene un plan de pago activo en marzo de 2016; asignar uno y calcular de nuevo.",
        ),
        (
            "Bo Sato has 1,204 verified resolutions, but Care, version 2 has no tiers, so nothing says what they earn; make a version with "
            "a tier and put it in force from this pay period on.",
            "Bo Sato tiene 1.204 resoluciones verificadas, pero Care, version 2 no tiene tramos, así que nada dice qué ganan; hacer una "
            "versión con un tramo y ponerla en vigor desde este periodo de pago.",
        ),
        ("Pay of May Sato for May 2016 sent", "Pago de May Sato de mayo de 2016 enviado"),
        ("Alder Home paid invoice LF-2016-0041: first part", "Alder Home pagó la factura LF-2016-0041: first part"),
        (
            "Bo Sato has hours, cases or decided amounts of March 2016, but is employed from April 1, 2016 on; correct the first day or "
            "what is recorded, then calculate again. Who was hired again gets the new first day once this month is approved.",
            "Bo Sato tiene horas, casos o importes decididos de marzo de 2016, pero su empleo empieza el 1 de abril de 2016; corregir el "
            "primer día o lo registrado, y calcular de nuevo. A quien se contrató otra vez se le da el nuevo primer día cuando este mes "
            "esté aprobado.",
        ),
        (
            'The clock of the site that paid the period from 2016-03-01 cannot be read: There is no time zone "Atlantis"; write an IANA '
            'name such as "America/New_York". Mend the site, then calculate again.',
            "No se puede leer el reloj de la sede que pagó el periodo del 2016-03-01: No hay ninguna zona horaria «Atlantis»; escribir un "
            "nombre IANA como «America/New_York». Corregir la sede y calcular de nuevo.",
        ),
        (
            "Bo Sato worked on after the final pay of March 2016 was calculated, which is approved; enter an adjustment for these hours.",
            "Bo Sato siguió trabajando después de calcularse el pago final de marzo de 2016, que está aprobado; introducir un ajuste por "
            "estas horas.",
        ),
        (
            "The pay of Bo Sato for April 2016 is approved already, and this month comes before it: its cases come with the next period "
            "once this run is approved; enter an adjustment for its hours.",
            "El pago de Bo Sato de abril de 2016 ya está aprobado, y este mes va antes: sus casos llegan con el próximo periodo una vez "
            "aprobado este ciclo; introducir un ajuste por sus horas.",
        ),
        (
            'The pay run of Leeds cannot be started: There is no time zone "Mars"; write an IANA name such as "America/New_York".',
            "El ciclo de pago de Leeds no se puede iniciar: No hay ninguna zona horaria «Mars»; escribir un nombre IANA como "
            "«America/New_York».",
        ),
        ("Minimum commitment", "Compromiso mínimo"),
        ("1,203.50 of the commitment of 30,000 was not used up.", "No se usaron 1.203,50 del compromiso de 30.000."),
        ("ValueError: nobody made this.", "ValueError: nobody made this."),
        ("12 assigned. And more that nobody made.", "12 assigned. And more that nobody made."),
        ("", ""),
    ],
)
def test_a_stored_sentence_is_told_in_spanish(stored: str, told: str) -> None:
    assert stored_sentences.tell(stored) == told


def test_an_english_reader_reads_what_is_stored() -> None:
    with translation.override("en-us"):
        assert stored_sentences.tell("12 assigned.") == "12 assigned."


def test_every_template_is_found_again_by_what_it_makes() -> None:
    lost = []
    for template in stored_sentences.TEMPLATES:
        made = retold.BLANK.sub(lambda found: f"<{found[1]}>", template)
        told = stored_sentences.tell(made)
        if told == made or re.findall(r"<\w+>", made) != sorted(re.findall(r"<\w+>", told), key=made.index):
            lost.append((template, told))
    assert lost == []


def test_a_text_that_is_hard_to_take_apart_takes_no_time() -> None:
    text = 'column "a" says "' * 200
    assert stored_sentences.tell(text) == text


def test_what_can_be_wrong_with_rows_of_cases_is_all_known() -> None:
    mapping = desk.frozen_mapping()
    unknown = []
    for fault in list_faults(mapping=mapping, column_count=9):
        stored = f"Row 7: {fault.before}{'x' if fault.value else ''}{fault.after}. {REMEDY}"
        if stored_sentences.tell(stored) == stored:
            unknown.append(stored)
    assert unknown == []


@pytest.mark.parametrize(
    "row",
    [
        {"account": "", "month": "2016-03"},
        {"account": "jo@example.com", "month": "2016-03"},
        {"account": "A" * 65, "month": "2016-03"},
        {"account": "A", "month": "soon"},
        {"account": "A", "month": "2016-03", "onboarded_on": "9.3.2016"},
        {"account": "A", "month": "2016-03", "seat_count": "many"},
        {"account": "A", "month": "2016-03", "seat_count": "1", "active_count": "2"},
        {"account": "A", "month": "2016-03", "health_score": "101"},
        {"account": "A", "month": "2016-03", "renewed": "maybe"},
        {"account": "A", "month": "2016-03", "recurring": "-1"},
        {"account": "A", "month": "2016-03", "recurring": "1"},
    ],
)
def test_what_can_be_wrong_with_rows_of_accounts_is_all_known(tmp_path, row: dict[str, str]) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
    (held,) = account_files.read_accounts(table=files.read_file(path=path), reading=account_files.AccountReading()).values()

    assert isinstance(held, account_files.HeldAccount)
    assert stored_sentences.tell(held.message) != held.message
