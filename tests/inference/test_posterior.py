"""A stored posterior: whole, refused when it is stale, and drawn from jointly by both drivers."""

import json
import shutil
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.analysis.past import Past
from fourfronts.analysis.scenarios import evaluate
from fourfronts.errors import InputError
from fourfronts.evidence.loader import EVIDENCE_CUTOFF
from fourfronts.inference import posterior as module
from fourfronts.inference import sampler
from fourfronts.inference.design import BLOCK
from fourfronts.inference.draws import assemble, draw, in_order, learnt_rows
from fourfronts.inference.parameters import observation, registry
from fourfronts.inference.posterior import Posterior, calibrated, calibrated_observation, read, shipped
from fourfronts.inference.worldviews import under
from fourfronts.policy.loader import PriorChange, worldview

SEED, DRAWS = 5, 64
BLOCS = ("allied", "prc", "rest")
MODEL = (
    "intelligence.eci_per_oom",
    "stocks.retirement",
    "supply.output_anchor.allied",
    "supply.yield_start",
    "couplings.lead_to_talent",
)
READINGS = ("observation.nvidia_share", "observation.bias_smuggling")
FILE = f"{EVIDENCE_CUTOFF}.npz"
WHERE = f"inference/posteriors/{FILE}"


def made(draws=DRAWS, names=MODEL + READINGS, **changed):
    """Draws around the prior medians, all of one joint draw at one score, and a misfit that no run asks for."""
    score = np.linspace(-1.0, 1.0, draws)
    known = {**registry().parameters, **observation().parameters}
    rows = [known[name].prior.quantile(np.array([0.5])) + 0.001 * score for name in names]
    values = np.array([*rows, np.ones(draws)], dtype=np.float32)
    return replace(Posterior.made_here(EVIDENCE_CUTOFF, (*names, "misfit.x"), values, 1, {"r_hat": 1.0}), **changed)


@pytest.fixture(scope="module")
def known():
    return replace(registry(), posterior=made())


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """An empty folder in the place of the package's posteriors."""
    caches = (module.calibrated, module.calibrated_observation, module._shipped)
    monkeypatch.setattr(module, "FOLDER", tmp_path / "posteriors")
    for each in caches:
        each.cache_clear()
    yield tmp_path / "posteriors"
    for each in caches:
        each.cache_clear()


# -- the file


def test_what_is_read_is_what_was_saved(tmp_path):
    whole = made()
    whole.save(tmp_path / "new" / FILE)
    found = read(tmp_path / "new" / FILE)
    np.testing.assert_array_equal(found.values, whole.values)
    plain = ("cutoff", "names", "evidence", "model", "version", "seed", "notes", "source", "digest")
    assert all(getattr(found, name) == getattr(whole, name) for name in plain)


def test_the_same_content_gives_the_same_bytes_in_one_whole_file(tmp_path):
    for name in ("a.npz", "b.npz"):
        made().save(tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        made(notes={"r_hat": float("nan")}).save(tmp_path / "a.npz")
    assert read(tmp_path / "a.npz").digest == made().digest
    assert {path.name for path in tmp_path.iterdir()} == {"a.npz", "b.npz"}


def test_what_has_left_a_posterior_is_not_saved(tmp_path):
    fewer = made().without(MODEL[:2]).without(MODEL[3:4])
    fewer.save(tmp_path / "fewer.npz")
    found = read(tmp_path / "fewer.npz")
    assert found.names == fewer.names == (MODEL[2], MODEL[4], *READINGS, "misfit.x")
    for name in found.names:
        np.testing.assert_array_equal(found.values[found.rows[name]], made().values[made().rows[name]])
    assert made().without(["stocks.no_such_thing"]).names == made().names
    assert made().without(made().names).rows == {}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.zeros((2, 3)), "found float64 in 2 dimensions; accepted: float32"),
        (np.zeros((3, 3), np.float32), r"found shape \(3, 3\); accepted: \(2, 1 or more draws\)"),
        (np.zeros((2, 0), np.float32), r"found shape \(2, 0\)"),
        (np.array([[0, 1], [0, np.nan]], np.float32), "b is not finite"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(values, words):
    with pytest.raises(InputError, match=words):
        Posterior(date(2026, 5, 31), ("a", "b"), values, "", "", "", 0, {})


def test_a_name_that_is_given_twice_is_refused():
    with pytest.raises(InputError, match="names: a is given twice"):
        Posterior(date(2026, 5, 31), ("a", "a"), np.zeros((2, 1), np.float32), "", "", "", 0, {})


def test_a_missing_file_is_named_with_both_ways_out(folder):
    with pytest.raises(InputError) as caught:
        shipped()
    assert str(caught.value) == (
        f"{WHERE}: no such file; rebuild it with: fourfronts calibrate; run without it with: --prior"
    )


def test_a_file_that_is_no_posterior_is_refused(folder):
    folder.mkdir()
    path = folder / FILE
    made().save(path)
    whole = path.read_bytes()
    with path.open("wb") as file:
        np.savez(file, about=np.frombuffer(b'{"cutoff": "2026-05-31", "names": []}', np.uint8), values=np.zeros(3))
    for content in (b"", b"text", whole[: len(whole) // 2], path.read_bytes()):
        path.write_bytes(content)
        with pytest.raises(InputError, match=f"^{WHERE}: cannot be read as a posterior .*fourfronts calibrate"):
            shipped()


def test_a_posterior_of_other_evidence_or_another_model_is_refused(folder):
    made(evidence="12ab" * 16).save(folder / FILE)
    with pytest.raises(
        InputError, match=rf"^{WHERE}: made from other evidence \(hash 12ab12ab12ab there, \w{{12}} here"
    ):
        shipped()
    made(model="34cd" * 16, source="").save(folder / FILE)
    with pytest.raises(
        InputError, match=r"made from another model \(hash 34cd34cd34cd there.*; rebuild it with: fourf"
    ):
        shipped()
    made().save(folder / "2025-01-31.npz")
    with pytest.raises(InputError, match=r"2025-01-31\.npz: cutoff: found 2026-05-31; accepted: 2025-01-31"):
        shipped("2025-01-31")


def test_files_that_are_the_same_to_the_byte_are_not_parsed(folder, monkeypatch):
    made().save(folder / FILE)
    monkeypatch.setattr(module, "model_digest", lambda: pytest.fail("parsed the model"))
    assert shipped() is shipped()


# -- what it was made from


@pytest.fixture
def house(monkeypatch, tmp_path):
    """A copy of the package to change, and the two hashes of it."""
    copied = tmp_path / "house"
    for room in ("model", "inference", "policy"):
        shutil.copytree(module.HOUSE / room, copied / room, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "HOUSE", copied)

    def hashes(file="", old="", new=""):
        path = copied / file
        before = path.read_text() if file else ""
        if file:
            assert old in before
            path.write_text(before.replace(old, new, 1))
        found = module.model_digest.__wrapped__(), module.source_digest.__wrapped__()
        if file:
            path.write_text(before)
        return found

    return hashes


SUPPLY, PRIORS, GAP = "model/supply.py", "inference/priors.py", "inference/series/gap.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (SUPPLY, '"""', '"""Otherwise: '),
        (SUPPLY, "\n\n\ndef ", "\n\n\n# A remark.\ndef "),
        (PRIORS, '"""', '"""Otherwise: '),
        (GAP, "scope: ", "scope: Otherwise, "),
        (GAP, "held_out: ", "held_out: Otherwise, "),
    ],
)
def test_comments_and_wording_leave_the_models_hash(house, file, old, new):
    (model, source), (other_model, other_source) = house(), house(file, old, new)
    assert other_model == model == module.model_digest()
    assert other_source != source


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (SUPPLY, " * ", " / "),
        (PRIORS, "return ", "return -"),
        ("inference/misfit.py", "1.0 - gain", "1.1 - gain"),
        (GAP, "memory: 0.5", "memory: 0.6"),
        (GAP, "    held_out: The same scores as in the gap on the index.\n", ""),
        (GAP, "[LAG-021, ", "["),
    ],
)
def test_what_can_change_a_calibrated_number_changes_the_models_hash(house, file, old, new):
    assert house(file, old, new)[0] != module.model_digest()


def test_the_policy_and_the_priors_count_as_well(monkeypatch):
    model = module.model_digest()
    monkeypatch.setattr(module, "lever_paths", lambda _: {"mine": np.zeros(2)})
    assert module.model_digest.__wrapped__() != model
    monkeypatch.undo()
    assert module.model_digest.__wrapped__() == model
    monkeypatch.setattr(module, "registry", lambda: registry().overridden({"stocks.retirement": 0.1}))
    assert module.model_digest.__wrapped__() != model


# -- which joint draw a future takes


def test_futures_take_every_joint_draw_in_turn_in_an_order_of_their_seed():
    whole = made()
    first = whole.which(SEED, 0, 2 * DRAWS)
    assert sorted(first[:DRAWS]) == list(range(DRAWS))
    np.testing.assert_array_equal(first[:DRAWS], first[DRAWS:])
    np.testing.assert_array_equal(whole.which(SEED, 50, 40), first[50:90])
    assert (whole.which(SEED + 1, 0, DRAWS) != first[:DRAWS]).any()
    assert whole.which(2**40, 10**9, 3).shape == (3,)
    np.testing.assert_array_equal(whole.without(MODEL).which(SEED, 0, DRAWS), first[:DRAWS])


def _row(drawn, name):
    parts = name.split(".")
    values = drawn[".".join(parts[:2])]
    return values[BLOCS.index(parts[2])] if len(parts) > 2 else values


@pytest.mark.parametrize("start", [0, 3 * BLOCK + 7])
def test_all_of_a_future_is_from_one_joint_draw(known, start):
    drawn = draw(known, 200, SEED, start)
    read_by = draw(replace(observation(), posterior=known.posterior), 200, SEED, start, design_seed=SEED + 1)
    which = known.posterior.which(SEED, start, 200)
    for name in (*MODEL, *READINGS):
        found = _row(read_by if name in READINGS else drawn, name)
        np.testing.assert_array_equal(found, known.posterior.values[known.posterior.rows[name], which])
        assert found.dtype == np.float64


def test_what_the_posterior_has_not_stays_on_its_axis_of_the_design(known):
    drawn, prior = draw(known, 200, SEED), draw(registry(), 200, SEED)
    for name in set(registry().parameters) - set(MODEL):
        np.testing.assert_array_equal(_row(drawn, name), _row(prior, name))
    series = replace(observation(), posterior=known.posterior)
    drawn, prior = (draw(series, 200, SEED, design_seed=SEED + 1), draw(observation(), 200, SEED + 1))
    for name in set(observation().parameters) - set(READINGS):
        np.testing.assert_array_equal(drawn[name], prior[name])


@pytest.mark.parametrize("number", [0, 1, 40])
def test_both_drivers_draw_the_same(known, number):
    found = sampler.arranged(np.asarray(sampler.chunk(known, SEED, number)), sampler.layout(known))
    expected = assemble(draw(known, BLOCK, SEED, number * BLOCK))
    for group, wanted in zip(found, expected, strict=True):
        for name, values, drawn in zip(group._fields, group, wanted, strict=True):
            assert values.dtype == np.float32
            np.testing.assert_allclose(values, drawn, rtol=1e-5, atol=1e-6 * np.abs(drawn).max(), err_msg=name)


def test_compiled_draws_outside_the_posterior_are_the_same_to_the_bit(known):
    found, prior = np.asarray(sampler.chunk(known, SEED, 2)), np.asarray(sampler.chunk(registry(), SEED, 2))
    inside = np.array([each.id in MODEL for each in in_order(known)])
    np.testing.assert_array_equal(found[~inside], prior[~inside])
    which = known.posterior.which(SEED, 2 * BLOCK, BLOCK)
    rows = [known.posterior.rows[each.id] for each in in_order(known) if each.id in MODEL]
    np.testing.assert_array_equal(found[inside], known.posterior.values[rows][:, which])


def test_no_posterior_is_compiled_for_by_itself(known):
    sampler.chunk(known, SEED, 0)
    compiled = sampler._compiled()._cache_size()
    for other in (made(DRAWS // 2), known.posterior.without(MODEL[:2])):
        sampler.chunk(replace(registry(), posterior=other), SEED, 0)
    assert sampler._compiled()._cache_size() == compiled


def test_a_posterior_of_other_parameters_changes_nothing():
    other = replace(registry(), posterior=made().without(MODEL))
    np.testing.assert_array_equal(
        np.asarray(sampler.chunk(other, SEED, 0)), np.asarray(sampler.chunk(registry(), SEED, 0))
    )


# -- changes on top


@pytest.mark.parametrize("change", [0.07, {"distribution": "lognormal", "p05": 0.05, "p95": 0.2}])
def test_a_changed_parameter_leaves_the_posterior_and_the_others_stay_in_each_future(known, change):
    changes = {"stocks.retirement": change}
    changed = known.overridden(changes)
    before, after, prior = (draw(each, 200, SEED) for each in (known, changed, registry().overridden(changes)))
    for name in before:
        expected = prior if name == "stocks.retirement" else before
        np.testing.assert_array_equal(after[name], expected[name])
    assert set(learnt_rows(changed)) == set(MODEL) - {"stocks.retirement"}
    assert set(learnt_rows(known)) == set(MODEL)


def test_worldviews_and_switched_couplings_apply(known):
    switched = under(known, worldview("evidence"), {"lead_to_talent": 0.0})
    assert not draw(switched, 50, SEED)["couplings.lead_to_talent"].any()
    mine = worldview("evidence").model_copy(update={"priors": {"supply.yield_start": PriorChange(prior=0.2)}})
    drawn = draw(under(known, mine), 50, SEED)
    assert (drawn["supply.yield_start"] == 0.2).all()
    np.testing.assert_array_equal(drawn["stocks.retirement"], draw(known, 50, SEED)["stocks.retirement"])


def test_a_fixed_parameter_is_not_drawn(known):
    fixed = registry().overridden({"stocks.retirement": 0.1})
    assert set(learnt_rows(replace(fixed, posterior=known.posterior))) == set(MODEL) - {"stocks.retirement"}


def test_the_digest_of_a_registry_tells_its_posterior(known):
    other = replace(registry(), posterior=made(DRAWS // 2))
    fewer = replace(registry(), posterior=known.posterior.without(MODEL[:1]))
    assert len({each.digest() for each in (registry(), known, other, fewer)}) == 4
    assert replace(registry(), posterior=made()).digest() == known.digest()


# -- the shipped model


def test_the_model_as_shipped_is_drawn_from_the_shipped_posterior(folder):
    made().save(folder / FILE)
    assert calibrated() is calibrated()
    assert calibrated().posterior is calibrated_observation().posterior is shipped()
    assert calibrated().parameters is registry().parameters
    options = {"draws": 8, "seed": SEED, "driver": "numpy", "outputs": ("lead_months",)}
    found = run_ensemble(["drift"], **options)["drift"].values["lead_months"]
    told = run_ensemble(["drift"], parameters=calibrated(), **options)["drift"].values["lead_months"]
    prior = run_ensemble(["drift"], parameters=registry(), **options)["drift"].values["lead_months"]
    np.testing.assert_array_equal(found, told)
    assert (found != prior).any()


def test_a_missing_or_foreign_posterior_is_refused_and_never_passed_over(folder):
    with pytest.raises(InputError, match="no such file; rebuild it with: fourfronts calibrate"):
        calibrated()
    made(evidence="12ab" * 16).save(folder / FILE)
    with pytest.raises(InputError, match="made from other evidence"):
        calibrated()


def test_the_shipped_posterior_is_of_the_shipped_evidence_and_model_and_found_nothing_wrong():
    found = shipped()
    assert (found.evidence, found.model) == (module.evidence_digest(), module.model_digest())
    assert found.notes["troubles"] == []
    assert found.notes["chains"]["rhat_largest"] < 1.05
    assert found.notes["chains"]["ess_bulk_smallest"] > 100
    assert len(found.notes["agreement"]) >= 20
    assert found.draws == 2000
    free = {key for key, each in registry().parameters.items() if each.prior.distribution != "fixed"}
    assert free | set(observation().parameters) <= set(found.names)


def test_the_shipped_posterior_stays_within_what_its_priors_allow():
    found = shipped()
    for name, parameter in {**registry().parameters, **observation().parameters}.items():
        if name not in found.names:
            continue
        values = found.values[found.rows[name]]
        low, high = parameter.prior.quantile(np.array([0.0, 1.0])).astype(np.float32)
        assert low <= values.min(), name
        assert values.max() <= high, name
        assert values.std() > 0, name


def test_futures_that_live_a_joint_draw_again_do_not_make_an_answer_surer(known):
    options = {"seed": SEED, "parameters": known, "driver": "numpy", "monthly": 0}
    once, often = (run_ensemble(["hold"], draws=draws, **options)["hold"] for draws in (DRAWS, 4 * DRAWS))
    assert (once.lived, often.lived) == (1.0, 4.0)
    first, second = (evaluate(each).probabilities["commanding-lead"] for each in (once, often))
    same = replace(first, futures=second.futures, of=second.of)
    assert second.standard_error == pytest.approx(2 * same.standard_error)
    assert second.interval[1] - second.interval[0] > same.interval[1] - same.interval[0]
    free = run_ensemble(["hold"], draws=16, seed=SEED, parameters=registry(), driver="numpy", monthly=0)["hold"]
    assert free.lived == 1.0


def test_the_past_reads_series_with_the_joint_draws_of_its_futures(known):
    ensemble = run_ensemble(["drift"], draws=16, seed=SEED, parameters=known, driver="numpy")["drift"]
    which = known.posterior.which(SEED, 0, 16)
    past = Past(ensemble, known, SEED, ["lead_months"])
    for name in ("observation.nvidia_share", "supply.yield_start"):
        expected = known.posterior.values[known.posterior.rows[name], which][past.kept]
        np.testing.assert_array_equal(past.parameter(name), expected)
    # What is not in the posterior is apart from the design of the model.
    prior = Past(ensemble, registry(), SEED, ["lead_months"])
    name = "observation.google_share"
    np.testing.assert_array_equal(past.parameter(name), prior.parameter(name))


def test_what_a_summary_says_is_plain_and_short(known):
    told = known.posterior.as_json()
    assert set(told) == {"cutoff", "draws", "version", "evidence", "model"}
    assert (told["cutoff"], told["draws"]) == (str(EVIDENCE_CUTOFF), DRAWS)
    assert len(told["evidence"]) == len(told["model"]) == 12
    assert json.loads(json.dumps(told)) == told
