"""Write ring30.mdl and stocks.mdl, the Vensim models of `fourfronts bench --peers`, beside this script.

Scalars, one equation a stock: with subscripts PySD takes fifty times as long.
"""

from collections.abc import Iterator
from pathlib import Path

from fourfronts.cli import bench_ring30 as ring
from fourfronts.cli import bench_stocks as chips

HERE = Path(__file__).parent


def ring30() -> Iterator[str]:
    """The lines of ring30.mdl."""
    growth, move, _ = ring.CHECK
    yield from equation("growth rate", f"{growth}", "1/step", "g")
    yield from equation("move rate", f"{move}", "1/step", "l")
    for number in range(1, ring.STOCKS + 1):
        before = number - 1 or ring.STOCKS
        stock = f"stock {number}"
        yield from equation(f"growth {number}", f"growth rate * {stock} * (1 - {stock} / {ring.CAPACITY})", "unit/step")
        yield from equation(f"move {number}", f"move rate * {stock} * {stock} / ({ring.HALF} + {stock})", "unit/step")
        yield from equation(stock, f"INTEG(growth {number} + move {before} - move {number}, {number})", "unit")
    yield from control(ring.STEPS, "step")


def stocks() -> Iterator[str]:
    """The lines of stocks.mdl: `fourfronts.model.stocks.step` of the PRC, in operations, with flows that grow."""
    for name, (low, high) in chips.RANGES.items():
        unit = {"rent adjustment time": "year", "diversion": "dmnl"}.get(name, "1/year")
        yield from equation(name, f"{(low + high) / 2:g}", unit)
    yield from equation("years", "1 / 12", "year", "length of a step")
    yield from equation("leaving rate", "retirement + permanent failure", "1/year")
    yield from equation("leaving share", "1 - EXP(- leaving rate * years)", "dmnl")
    yield from equation("arriving share", "EXP(- leaving rate * years / 2)", "dmnl", "half a step old at its end")
    for name, flow in chips.FLOWS.items():
        factor = " * diversion" if name == "diverted" else ""
        yield from equation(f"{name} joining", f"{growing(*flow)}{factor} * years", "H100e/Month")
        left = f"{name} * leaving share + {name} joining * (1 - arriving share)"
        yield from equation(f"{name} leaving", left, "H100e/Month")
        yield from equation(name, f"INTEG({name} joining - {name} leaving, {chips.START[name]:g})", "H100e")
    lost = " + ".join(f"{name} leaving" for name in chips.FLOWS)
    yield from equation("lost", lost, "H100e/Month")
    yield from equation("failing", "lost * permanent failure / leaving rate", "H100e/Month")
    yield from equation("written off", "INTEG(failing, 0)", "H100e")
    yield from equation("retired", "INTEG(lost - failing, 0)", "H100e")
    yield from equation("rent target", growing(*chips.RENT_TARGET), "H100e")
    newly = "(rent target - rented) * (1 - EXP(- years / rent adjustment time))"
    yield from equation("newly rented", newly, "H100e/Month")
    yield from equation("rented", "INTEG(newly rented, 0)", "H100e")
    yield from control(chips.MONTHS, "Month")


def equation(name: str, formula: str, unit: str, comment: str = "") -> Iterator[str]:
    """A variable as Vensim writes it."""
    yield f"{name} ="
    yield f"\t{formula}"
    yield f"\t~\t{unit}"
    yield f"\t~\t{comment}"
    yield "\t|"
    yield ""


def growing(first: float, rate: float) -> str:
    """What grows exponentially by month; a constant where it does not."""
    return f"{first:g} * EXP({rate:g} * Time * years)" if rate else f"{first:g}"


def control(last: int, unit: str) -> Iterator[str]:
    """When it begins and ends, and how long a step is."""
    for name, formula in (
        ("INITIAL TIME", "0"),
        ("FINAL TIME", str(last)),
        ("TIME STEP", "1"),
        ("SAVEPER", "TIME STEP"),
    ):
        yield from equation(name, formula, unit)


def text(lines: Iterator[str]) -> str:
    """A whole file."""
    return "{UTF-8}\n" + "\n".join(lines)


if __name__ == "__main__":
    for name, lines in (("ring30", ring30()), ("stocks", stocks())):
        (HERE / f"{name}.mdl").write_text(text(lines), encoding="utf-8")
