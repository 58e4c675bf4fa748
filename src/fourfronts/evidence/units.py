"""The units of the evidence and of the parameters, and how they convert.

The registry holds these names and no others, so a misspelt unit is an error and never a prefix or a physical
constant. What must not be converted without an assumption has a dimension of its own: dollars of another
year, another currency, training FLOP against 8-bit operations, growth factors a year against rates a year,
calendar years against durations.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from fourfronts.errors import InputError, unknown

if TYPE_CHECKING:
    import pint

DEFINITIONS = """
# time
month = [time]
year = 12 month
quarter = 3 month
day = year / 365.25
week = 7 day
hour = day / 24
minute = hour / 60
second = minute / 60 = s
# computing performance: TPP = dense TOPS x bit length, here 8-bit; H100 SXM is CHIP-03, B300 is CHIP-08
TPP = [processing_performance]
TOPS = 8 TPP
H100e = 1979 TOPS
B300e = 5000 TOPS
# memory bandwidth and size; H100_bandwidth is the bandwidth of row CHIP-03
byte = [information]
GB = 1e9 byte
TB = 1e12 byte
H100_bandwidth = 3.35 TB / second
# training compute, in floating-point operations of any precision
FLOP = [floating_point_operation]
TFLOPS = 1e12 FLOP / second
EFLOPS = 1e18 FLOP / second
# capability scales
ECI = [epoch_capability_index]
AECI = [anthropic_capability_index]
Elo = [elo]
OOM = [order_of_magnitude]
progress_year = [progress]
standard_deviation = [standard_deviation]
# money: USD is dollars of 2025 in parameters and dollars of the row's own date in evidence
USD = [money]
USD_2023 = [money_of_2023]
RMB = [renminbi]
# things counted
chip = [chip]
card = [card]
wafer = [wafer]
die = [die]
stack = [stack]
token = [token]
exchange = [exchange]
account = [account]
person = [person]
# energy
W = [power]
kW = 1e3 W
MW = 1e6 W
GW = 1e9 W
kWh = kW * hour
TWh = 1e9 kWh
# plain numbers
share = 1
percent = 0.01
percentage_point = 0.01
probability = 1
ratio = 1
fold = 1
count = 1
index_point = 1
thousand = 1e3
million = 1e6
billion = 1e9
trillion = 1e12
# growth factor over one year, which is not a rate: 4 fold_per_year is not 0.33 fold a month
fold_per_year = [growth_factor_over_a_year]
# a date as a decimal year, such as 2026.9
calendar_year = [date]
"""

_LINES = [line for line in DEFINITIONS.strip().splitlines() if not line.startswith("#")]
_NAME = r"[A-Za-z_]\w*"
NAMES: tuple[str, ...] = (
    "dimensionless",
    *(part for line in _LINES for part in line.split(" = ") if re.fullmatch(_NAME, part)),
)

_FACTOR = rf"{_NAME}(?:\*\*-?\d)?"
_PRODUCT = rf"{_FACTOR}(?:(?: ?[*/] ?| ){_FACTOR})*"
_TERM = rf"(?:{_FACTOR}|\({_PRODUCT}\))"
_UNIT = re.compile(rf"(?:1 ?/ ?)?{_TERM}(?:(?: ?[*/] ?| ){_TERM})*")


@lru_cache(maxsize=1)
def registry() -> "pint.UnitRegistry[float]":
    """The pint registry, built on first use: importing pint takes longer than the whole command line."""
    import pint

    units: pint.UnitRegistry[float] = pint.UnitRegistry(None)
    units.load_definitions(_LINES)
    return units


@lru_cache(maxsize=1024)
def check(unit: str) -> None:
    """Raise InputError unless `unit` is made of our names. Needs no pint, so the evidence loads fast."""
    for name in re.findall(_NAME, unit):
        plural_of = name.removesuffix("s") if len(name) > 2 else ""
        if name not in NAMES and plural_of not in NAMES[1:]:
            raise unknown("unit", name, NAMES)
    if not _UNIT.fullmatch(unit):
        raise InputError(
            f"unit {unit!r} cannot be read; accepted: names joined by a space, *, / and **, with no number "
            "in front, such as 'billion USD/year'"
        )


@lru_cache(maxsize=1024)
def parse(unit: str) -> "pint.Unit":
    """The unit that a text such as "billion USD/year" stands for; plural names are accepted.

    Raises InputError that names the unit and the nearest names when it is not in the registry.
    """
    check(unit)
    return registry().parse_units(unit)


@lru_cache(maxsize=1024)
def factor(from_unit: str, to_unit: str) -> float:
    """What a value in `from_unit` is multiplied by to be in `to_unit`.

    Raises InputError if one of them is unknown or the two do not convert.
    """
    source, target = parse(from_unit), parse(to_unit)
    if source.dimensionality != target.dimensionality:
        of_source, of_target = source.dimensionality, target.dimensionality
        raise InputError(f"{from_unit!r} ({of_source}) does not convert to {to_unit!r} ({of_target})")
    return float(registry().Quantity(1.0, source).to(target).magnitude)


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """`value` in `from_unit`, expressed in `to_unit`. Raises InputError if the two do not convert."""
    return value * factor(from_unit, to_unit)
