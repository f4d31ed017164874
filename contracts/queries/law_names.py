"""What the numbers of pay law are called, how each is written with its unit, and what is not covered, for the reader's language."""

from fractions import Fraction

from django.utils.translation import gettext, gettext_noop

from contracts import reading
from contracts.rules import exact
from contracts.translation import gettext_lazy as _

NAMES = {
    "min_wage": _("Minimum wage"),
    "min_wage_18_to_20": _("Minimum wage, age 18 to 20"),
    "min_wage_under_18": _("Minimum wage below age 18, and of apprentices"),
    "floor_mode": _("How the minimum wage is tested"),
    "ot_week": _("Overtime begins above, each workweek"),
    "ot_day": _("Overtime begins above, each day"),
    "dt_day": _("Double time begins above, each day"),
    "dt_seventh_day": _("Seventh day in a row: overtime from the first hour, double time above"),
    "ot_mult": _("Overtime is paid at"),
    "dt_mult": _("Double time is paid at"),
    "day_mults.rest_day": _("Work on a rest day is paid at"),
    "day_mults.special_day": _("Work on a special day is paid at"),
    "day_mults.special_day_on_rest_day": _("Work on a special day that is a rest day is paid at"),
    "day_mults.regular_holiday": _("Work on a regular holiday is paid at"),
    "day_mults.regular_holiday_on_rest_day": _("Work on a regular holiday that is a rest day is paid at"),
    "day_mults.double_holiday": _("Work on a day of two regular holidays is paid at"),
    "day_mults.double_holiday_on_rest_day": _("Work on a rest day of two regular holidays is paid at"),
    "day_mults.regular_holiday_on_special_day": _("Work on a regular holiday that is a special day is paid at"),
    "day_mults.regular_holiday_on_special_day_on_rest_day": _("Work on a holiday, special and rest day in one is paid at"),
    "ot_day_mults.rest_day": _("Overtime on a rest day, of that day’s rate"),
    "ot_day_mults.special_day": _("Overtime on a special day, of that day’s rate"),
    "ot_day_mults.special_day_on_rest_day": _("Overtime on a special day that is a rest day, of that day’s rate"),
    "ot_day_mults.regular_holiday": _("Overtime on a regular holiday, of that day’s rate"),
    "ot_day_mults.regular_holiday_on_rest_day": _("Overtime on a regular holiday that is a rest day, of that day’s rate"),
    "ot_day_mults.double_holiday": _("Overtime on a day of two regular holidays, of that day’s rate"),
    "ot_day_mults.double_holiday_on_rest_day": _("Overtime on a rest day of two regular holidays, of that day’s rate"),
    "ot_day_mults.regular_holiday_on_special_day": _("Overtime on a regular holiday that is a special day, of that day’s rate"),
    "ot_day_mults.regular_holiday_on_special_day_on_rest_day": _("Overtime on a holiday, special and rest day in one, of that day’s rate"),
    "night_share": _("Night hours earn more"),
    "night_start": _("The night begins at"),
    "night_end": _("The night ends at"),
    "flat_sum_divisor": _("A flat sum, for the regular rate, is divided by"),
    "rest_pay": _("How rest breaks are paid"),
    "workday": _("A workday begins"),
    "salary_covers": _("A salary pays"),
    "holiday_pct": _("Paid holiday earned by irregular hours"),
    "daily_rest_hours": _("Rest between two workdays, at least"),
    "weekly_rest_hours": _("Rest in each week, at least"),
    "break_after_hours": _("A break is due after"),
    "weekly_hours_average": _("Work in a week on average, at most"),
    "night_hours_average": _("Night work in a day on average, at most"),
    "reference_months": _("Averages are taken over, at most"),
    "ai_log_months": _("Records of automated systems are kept, at least"),
    "deduction_cap_pct": _("Deductions, at most"),
    "exit_pay_working_days": _("Final pay is due within"),
    "monthly_due_day": _("Monthly pay is due by day"),
    "piece_standard": _("Which piece rate is fair"),
    "thirteenth_divisor": _("The thirteenth month is the year’s basic pay divided by"),
    "fair_piece_uplift": _("The fair piece rate is the average rate times"),
    "accommodation_offset_daily": _("What lodging may count toward the minimum wage"),
    "rest_minutes_per_4_hours": _("Paid rest for each four hours of work"),
    "rest_none_under_hours": _("No rest break is due on days of less than"),
    "rest_paid_minutes_max": _("Breaks that are always paid, up to"),
    "retention_payroll_years": _("Pay records are kept, at least"),
    "retention_time_cards_years": _("Time cards are kept, at least"),
}

# What a value says that is a word.
VALUES = {
    "workweek_average": _("on the average of each workweek"),
    "pay_reference_period": _("on all pay of a pay period over all its hours"),
    "per_hour_category": _("for each kind of hour by itself"),
    "time_rate": _("against the minimum for the time worked"),
    "daily_8h": _("eight hours of piece work earn the daily minimum"),
    "non_overtime_hours": _("the hours that are no overtime"),
    "all_hours": _("all hours worked"),
    "average": _("at the average hourly pay of the workweek, and never below the minimum wage"),
    "included": _("with the hours worked"),
    "shift": _("when the agent begins to work, and lasts 24 hours"),
    "lowest_50pct_mean": _("the mean of the slower half of tested workers sets it"),
}

# How a number is written; what is not listed is a plain number.
UNITS = {
    **dict.fromkeys(("ot_week", "ot_day", "dt_day", "dt_seventh_day", "daily_rest_hours", "weekly_rest_hours"), _("%(value)s hours")),
    **dict.fromkeys(("break_after_hours", "weekly_hours_average", "night_hours_average", "rest_none_under_hours"), _("%(value)s hours")),
    **dict.fromkeys(("rest_minutes_per_4_hours", "rest_paid_minutes_max"), _("%(value)s minutes")),
    **dict.fromkeys(("reference_months", "ai_log_months"), _("%(value)s months")),
    **dict.fromkeys(("retention_payroll_years", "retention_time_cards_years"), _("%(value)s years")),
    "exit_pay_working_days": _("%(value)s working days"),
    "monthly_due_day": _("%(value)s of the next month"),
    "ot_mult": _("%(value)s times the regular rate"),
    "dt_mult": _("%(value)s times the regular rate"),
    "night_share": _("%(value)s of their pay"),
    "holiday_pct": _("%(value)s of the hours worked"),
    "deduction_cap_pct": _("%(value)s of the pay"),
    "accommodation_offset_daily": _("%(value)s a day"),
}
TIMES = _("%(value)s times the hourly rate")
AN_HOUR = _("%(value)s an hour")
SHARES = ("night_share",)
PERCENTS = ("holiday_pct", "deduction_cap_pct")
CURRENCIES = {"us": "USD", "uk": "GBP", "ph": "PHP", "in": "INR"}

# Each stands in the file of its pack; a test holds both against each other.
NOT_COVERED = (
    gettext_noop(
        "Minimum wages, overtime and holiday pay are the law of each member state: give a rule pack of your own with its numbers."
    ),
    gettext_noop("Pay transparency reports (Directive 2023/970) and information of workers about automated systems."),
    gettext_noop(
        "Minimum wages and normal working hours are set by the states: give a rule pack of your own with the minimum wage and the hours of "
        "a normal day."
    ),
    gettext_noop("A full day's wage for short work that the agent did not choose (section 10), and deductions."),
    gettext_noop("The central rules of the Code were still in draft at the end of 2025."),
    gettext_noop("Everything. No minimum wage, overtime or rest pay is applied."),
    gettext_noop("Regional daily minimum wages: give a rule pack of your own with the minimum wage and how it is tested."),
    gettext_noop("Night hours of time that is known only as a sum: night differential needs exact start and end."),
    gettext_noop("The premium of special days on pay for resolutions, which is no hourly pay: enter it as an amount."),
    gettext_noop("Agents whose time and performance nobody supervises, to whom these rules do not apply: use a plan with no pay law."),
    gettext_noop("Holiday pay of days not worked; the thirteenth month is a calculation of its own."),
    gettext_noop("Rates below age 21 (23 before April 2024) and of apprentices: give a rule pack of your own with their minimum wage."),
    gettext_noop("Premium parts of shift pay, which do not count toward the minimum."),
    gettext_noop("The fair piece rate of rated output work is a calculation of its own; rostered agents do time work."),
    gettext_noop("Overtime premium, which is a matter of contract, and the week's pay for holidays."),
    gettext_noop("Deductions for the employer's use and what they do to the minimum wage (SI 2015/621 reg 12)."),
    gettext_noop("The premium hour for a missed break (Labor Code 226.7)."),
    gettext_noop("City and county minimum wages, which may be higher."),
    gettext_noop("Hours recorded by the week alone: daily overtime needs a day."),
    gettext_noop("State and local minimum wages and daily overtime: choose the state's pack, or give the higher minimum."),
    gettext_noop("The retail commission exemption of 29 USC 207(i), other exemptions, and whether a person is an employee."),
    gettext_noop("Piece rates of 1.5 times by agreement (29 USC 207(g)) and basic rates under 29 CFR part 548."),
    gettext_noop(
        "Whether one piece rate was agreed to cover waiting time too (29 CFR 778.318); all hours count, the plan says what they earn."
    ),
    gettext_noop("What New York City asks beside pay, such as rules on schedules."),
    gettext_noop("Minimum wages from 2027 on, which follow an index that was not published yet: add a line when it is."),
    gettext_noop("Spread of hours, call-in pay and industry wage orders."),
    gettext_noop("Written terms, pay days and records of commission salespersons (Labor Law 191(1)(c))."),
    gettext_noop(
        "Deductions after a commission is earned (Labor Law 193; Pachter v. Bernard Hodes, 10 NY3d 609): leave clawback out of the plan."
    ),
    gettext_noop("What Seattle asks beside the minimum wage."),
    gettext_noop(
        "Minimum wages of other cities than Seattle (us-wa-seattle), such as SeaTac, Tukwila, Renton, Bellingham, Everett and Burien, and "
        "rates below age 16."
    ),
    gettext_noop("Hourly pay may not be averaged over the workweek; only pay by the piece may. A minute of handle time is not a piece."),
)


def name_parameter(*, parameter: str) -> str:
    """Return what a number of pay law is called; one that an own pack adds is told by its words.

    >>> name_parameter(parameter="ot_week"), name_parameter(parameter="canteen_rate")
    ('Overtime begins above, each workweek', 'Canteen rate')
    """
    known = NAMES.get(parameter)
    return str(known) if known else parameter.replace("_", " ").replace(".", ", ").capitalize()


def write_value(*, parameter: str, value: str, pack: str) -> str:
    """Write a number of pay law with its unit, in the reader's language.

    Args:
        parameter: as the file of the pack names it.
        value: as it stands there: a decimal number, a time of day or a word.
        pack: code of the pack, which tells the currency.

    >>> write_value(parameter="ot_week", value="40", pack="us-ca"), write_value(parameter="ot_mult", value="1.5", pack="us-ca")
    ('40 hours', '1.5 times the regular rate')
    """
    if value in VALUES:
        return str(VALUES[value])
    if not value.replace(".", "", 1).isdecimal():
        return value.replace("_", " ")
    shown = _number(parameter, value, CURRENCIES.get(pack.partition("-")[0], ""))
    if parameter.startswith("min_wage"):
        return AN_HOUR % {"value": shown}
    if parameter.startswith(("day_mults.", "ot_day_mults.")):
        return TIMES % {"value": shown}
    unit = UNITS.get(parameter)
    return unit % {"value": shown} if unit else shown


def _number(parameter: str, value: str, currency: str) -> str:
    if parameter in SHARES:
        return reading.write_percent(exact.format_exact(value=Fraction(value) * 100))
    if parameter in PERCENTS:
        return reading.write_percent(exact.format_exact(value=Fraction(value)))
    if parameter.startswith("min_wage") or parameter == "accommodation_offset_daily":
        return f"{reading.write_number(value)}\u00a0{currency}".strip()
    return reading.write_number(exact.format_exact(value=Fraction(value)))


def tell_gap(*, sentence: str) -> str:
    """Tell what a pack does not cover in the reader's language; a sentence of an own pack stays as it is."""
    return gettext(sentence) if sentence in NOT_COVERED else sentence
