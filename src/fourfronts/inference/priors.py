"""Prior distributions as records, each with its exact inverse distribution function."""

import math
from statistics import NormalDist
from typing import Annotated, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from fourfronts.errors import InputError
from fourfronts.policy.documents import Record

Floats = NDArray[np.float64]
Interval = Annotated[tuple[float, float], Field(strict=False)]

Z95 = NormalDist().inv_cdf(0.95)


class Form(NamedTuple):
    """A prior in numbers: `middle + spread * score`, taken to the prior's scale and held between `low` and `high`.

    The score is standard normal, of probabilities from `below` to 1 - `above`; that of a uniform prior is its
    probability itself.
    """

    scale: Literal["probability", "score", "logarithm", "log odds"]
    middle: float
    spread: float
    below: float = 0.0
    above: float = 0.0
    low: float = -math.inf
    high: float = math.inf


class Fixed(Record):
    """One value, known or assumed."""

    distribution: Literal["fixed"] = "fixed"
    value: float

    def quantile(self, u: Floats) -> Floats:
        """The value at each probability `u`, same shape."""
        return np.full_like(u, self.value)

    @property
    def form(self) -> Form:
        """The prior in numbers."""
        return Form("score", self.value, 0.0)


class Uniform(Record):
    """Equal density from `low` to `high`."""

    distribution: Literal["uniform"] = "uniform"
    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise InputError(f"low {self.low:g} and high {self.high:g} do not rise; accepted: low below high")
        return self

    def quantile(self, u: Floats) -> Floats:
        """The value at each probability `u`, same shape."""
        return self.low + (self.high - self.low) * u

    @property
    def form(self) -> Form:
        """The prior in numbers."""
        return Form("probability", self.low, self.high - self.low)


class _Percentiles(Record):
    """A prior given by its 5th and 95th percentiles; normal after a transformation of the value."""

    p05: float
    p95: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.p05 < self.p95:
            raise InputError(f"p05 {self.p05:g} and p95 {self.p95:g} do not rise; accepted: p05 below p95")
        return self


class _Bounded(_Percentiles):
    """Optionally cut off at `bounds`; the percentiles are those before the cut."""

    bounds: Interval | None = None


class Normal(_Bounded):
    """Normal, with its 5th and 95th percentiles."""

    distribution: Literal["normal"] = "normal"

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        _check_bounds(self.bounds, (self.p05 + self.p95) / 2)
        return self

    def quantile(self, u: Floats) -> Floats:
        """The value at each probability `u`, same shape."""
        form = self.form
        values = form.middle + form.spread * normal_quantile(_inside(u, form))
        return values if self.bounds is None else np.clip(values, form.low, form.high)

    @property
    def form(self) -> Form:
        """The prior in numbers."""
        middle, spread = (self.p05 + self.p95) / 2, (self.p95 - self.p05) / (2 * Z95)
        if self.bounds is None:
            return Form("score", middle, spread)
        low, high = self.bounds
        return Form("score", middle, spread, *_outside((low - middle) / spread, (high - middle) / spread), low, high)


class Lognormal(_Bounded):
    """Normal in the logarithm, with its 5th and 95th percentiles, both above zero."""

    distribution: Literal["lognormal"] = "lognormal"
    p05: Annotated[float, Field(gt=0)]
    p95: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        _check_bounds(self.bounds, math.sqrt(self.p05 * self.p95))
        return self

    def quantile(self, u: Floats) -> Floats:
        """The value at each probability `u`, same shape."""
        form = self.form
        values = np.exp(form.middle + form.spread * normal_quantile(_inside(u, form)))
        return values if self.bounds is None else np.clip(values, form.low, form.high)

    @property
    def form(self) -> Form:
        """The prior in numbers."""
        first, last = math.log(self.p05), math.log(self.p95)
        middle, spread = (first + last) / 2, (last - first) / (2 * Z95)
        if self.bounds is None:
            return Form("logarithm", middle, spread)
        low, high = self.bounds
        lowest = -math.inf if low <= 0 else (math.log(low) - middle) / spread
        return Form("logarithm", middle, spread, *_outside(lowest, (math.log(high) - middle) / spread), low, high)


class Logitnormal(_Percentiles):
    """Normal in the log-odds, with its 5th and 95th percentiles, both between zero and one."""

    distribution: Literal["logitnormal"] = "logitnormal"
    p05: Annotated[float, Field(gt=0, lt=1)]
    p95: Annotated[float, Field(gt=0, lt=1)]

    def quantile(self, u: Floats) -> Floats:
        """The value at each probability `u`, same shape."""
        form = self.form
        return 1 / (1 + np.exp(-(form.middle + form.spread * normal_quantile(u))))

    @property
    def form(self) -> Form:
        """The prior in numbers."""
        first, last = (math.log(p / (1 - p)) for p in (self.p05, self.p95))
        return Form("log odds", (first + last) / 2, (last - first) / (2 * Z95))


Prior = Annotated[Fixed | Uniform | Normal | Lognormal | Logitnormal, Field(discriminator="distribution")]


def _check_bounds(bounds: tuple[float, float] | None, median: float) -> None:
    if bounds is not None and not bounds[0] < median < bounds[1]:
        raise InputError(f"bounds {list(bounds)}; accepted: [lower, higher] on either side of the median {median:.6g}")


def _outside(low: float, high: float) -> tuple[float, float]:
    """Probabilities below and above two standard scores."""
    return 0.5 * math.erfc(-low / math.sqrt(2)), 0.5 * math.erfc(high / math.sqrt(2))


def _inside(u: Floats, form: Form) -> Floats:
    """`u` squeezed into the probabilities that a prior's bounds leave."""
    return form.below + (1.0 - form.above - form.below) * u if form.below or form.above else u


def normal_quantile(u: Floats) -> Floats:
    """Standard normal scores at probabilities `u`, same shape."""
    # SciPy is imported late: reading priors should not cost what drawing from them does.
    from scipy.special import ndtri

    scores: Floats = ndtri(u)
    return scores


def scaled(prior: Prior, factor: float) -> Prior:
    """The prior of `factor` times the value, or zero, fixed, for a factor of 0.

    A log-odds prior keeps its form, so that a share stays a share: its 5th and 95th percentiles are multiplied and what
    lies between follows. Raises InputError for a factor below zero, and where a percentile would reach one.
    """
    if not 0 <= factor < math.inf:
        raise InputError(f"factor {factor:g} is out of range; accepted: 0 or more")
    if factor == 0:
        return Fixed(value=0.0)
    match prior:
        case Fixed():
            return Fixed(value=prior.value * factor)
        case Uniform():
            return Uniform(low=prior.low * factor, high=prior.high * factor)
        case Logitnormal():
            if prior.p95 * factor >= 1:
                raise InputError(
                    f"factor {factor:g} takes p95 {prior.p95:g} to 1 or more; accepted: factors under "
                    f"{1 / prior.p95:.4g}"
                )
            return Logitnormal(p05=prior.p05 * factor, p95=prior.p95 * factor)
        case Normal() | Lognormal():
            bounds = prior.bounds and (prior.bounds[0] * factor, prior.bounds[1] * factor)
            return type(prior)(p05=prior.p05 * factor, p95=prior.p95 * factor, bounds=bounds)


def shifted(prior: Prior, scores: float, wider: float) -> Prior:
    """The prior with its middle moved by `scores` of its own standard deviations and its spread `wider` times as large.

    Both on the scale on which it is normal. One that is fixed or uniform has no such scale and stays as it is; bounds
    stay, and a middle is not moved past them.
    """
    if isinstance(prior, Fixed | Uniform):
        return prior
    form = prior.form
    middle = form.middle + scores * form.spread
    ends = [middle - Z95 * wider * form.spread, middle + Z95 * wider * form.spread]
    if isinstance(prior, Logitnormal):
        first, last = (1 / (1 + math.exp(-min(max(end, -_FAR), _FAR))) for end in ends)
        return Logitnormal(p05=first, p95=last)
    if prior.bounds is not None:
        # Strictly inside, however the bounds are approached.
        low, high = (math.log(max(each, 1e-300)) if isinstance(prior, Lognormal) else each for each in prior.bounds)
        inside = min(max(middle, low + _INSIDE * (high - low)), high - _INSIDE * (high - low))
        ends = [end + inside - middle for end in ends]
    if isinstance(prior, Lognormal):
        return Lognormal(p05=math.exp(ends[0]), p95=math.exp(ends[1]), bounds=prior.bounds)
    return Normal(p05=ends[0], p95=ends[1], bounds=prior.bounds)


_FAR = 30.0
"""Log odds beyond which a share is nothing or all in double precision."""

_INSIDE = 0.02
