"""How each language writes days, in Django's letters."""

PATTERNS = {
    "en": {
        "day": "l, F j",
        "full_day": "l, F j, Y",
        "written_day": "F j, Y",
        "short_day": "D, M j",
        "calendar_day": "M j",
        "dated": "M j, Y",
        "weekday_number": "D j",
        "month_day": "F j",
        "month_year": "F Y",
        "weekday": "l",
        "month": "F",
    },
    "es": {
        "day": r"l, j \d\e F",
        "full_day": r"l, j \d\e F \d\e Y",
        "written_day": r"j \d\e F \d\e Y",
        "short_day": "D, j M",
        "calendar_day": "j M",
        "dated": "j M Y",
        "weekday_number": "D j",
        "month_day": r"j \d\e F",
        "month_year": r"F \d\e Y",
        "weekday": "l",
        "month": "F",
    },
}
