"""The questions of `fourfronts report --full`: what each is asked about a run, without simulating anything."""

import shlex

import pytest

from fourfronts.analysis.explain.finding import Finding
from fourfronts.cli import group
from fourfronts.cli.explain import COMMANDS, whole
from fourfronts.cli.plan import plan
from fourfronts.errors import InputError
from fourfronts.policy.scenarios import scenarios

OPTIONS = {
    "packages": (),
    "settings": (),
    "couplings": (),
    "worldview": "evidence",
    "draws": 100,
    "seed": 1,
    "horizon": "2028-12",
    "prior": False,
}


@pytest.fixture
def ask(monkeypatch):
    """Asks all questions about a run; every answer is what the question was asked."""

    def answer(say, **options):
        say("found")
        # A finding tells its futures, and sensitivity, which has no such option, how many its base samples took.
        return Finding("none", "", [], [], {}, {"draws": 1, **options})

    for module in whole.MODULES.values():
        monkeypatch.setattr(module, "answer", answer)

    def made(say=lambda _: None, **options):
        given = OPTIONS | options
        return {each.name: each for each in whole.ask(plan(**given), given, say)}

    return made


def asked(found, name):
    return found[name].finding.asked


def own(tmp_path, name, label):
    file = tmp_path / f"own_{name}.yaml"
    file.write_text(f"name: {name}\nlabel: {label}\ndescription: None.\nlevers: {{}}\n")
    return str(file)


def test_every_question_of_explain_is_asked(ask):
    assert {shlex.split(each.command)[2] for each in ask().values()} == set(COMMANDS)
    assert "--channels" in ask()["past_channels"].command


def test_questions_are_about_the_first_package_that_is_not_drift(ask):
    found = ask(packages=("drift", "loosen", "hold"))
    for name in ("sensitivity", "attribution", "discover", "timing", "threshold"):
        assert asked(found, name)["package"] == "loosen"
        assert found[name].package == "Loosen"
    assert asked(found, "compare")["baseline"] == "drift"
    assert asked(found, "compare")["packages"] == ("loosen", "hold")
    assert found["compare"].package == ""


def test_a_run_of_drift_alone_is_held_against_the_packages_that_are_shipped(ask):
    found = ask(packages=("drift",))
    assert asked(found, "timing")["package"] == "hold"
    assert asked(found, "compare")["packages"] == whole.compare.OTHERS
    assert asked(found, "robust")["packages"] == whole.robust.PACKAGES
    assert asked(found, "information")["packages"] == whole.information.PACKAGES


def test_a_package_of_ones_own_takes_the_place_of_the_shipped_one_of_its_name(ask, tmp_path):
    drift, hold = own(tmp_path, "drift", "My drift"), own(tmp_path, "hold", "My hold")
    found = ask(packages=(hold, drift))
    assert asked(found, "compare")["baseline"] == drift
    assert asked(found, "timing")["package"] == hold
    assert found["timing"].package == "My hold"
    # Two packages of one name would be refused.
    assert asked(found, "robust")["packages"][:2] == (drift, hold)
    assert not {"drift", "hold"} & set(asked(found, "robust")["packages"])


def test_the_assumptions_of_the_run_are_those_of_every_question(ask):
    given = {
        "worldview": "takeoff",
        "couplings": ("lead_to_talent=off",),
        "settings": ("prc_evasion_effort=2",),
        "prior": True,
        "seed": 7,
        "horizon": "2030-12",
    }
    for name, each in ask(**given).items():
        told = each.finding.asked
        assert (told["worldview"], told["couplings"], told["prior"], told["seed"], told["at"]) == (
            "takeoff",
            ("lead_to_talent=off",),
            True,
            7,
            "2030-12",
        )
        # The channels were closed in the past, which is drift's.
        assert told["settings"] == (() if name == "past_channels" else ("prc_evasion_effort=2",))


@pytest.mark.parametrize("draws", [100, 100_000])
def test_no_question_takes_more_futures_than_the_run_has_nor_than_a_report_has_time_for(ask, draws):
    for name, each in ask(draws=draws).items():
        if name != "sensitivity":
            assert each.finding.asked["draws"] == min(draws, whole.QUESTIONS[name].quick["draws"])
            assert f"{each.finding.asked['draws']:,} futures" in each.made


@pytest.mark.parametrize("prior", [False, True])
def test_the_command_told_is_accepted_and_asks_the_same_of_more_futures(ask, prior):
    for name, each in ask(draws=100_000, packages=("drift", "hold"), prior=prior).items():
        words = shlex.split(each.command)
        assert words[:2] == ["fourfronts", "explain"]
        command = group.get_command(None, "explain").get_command(None, words[2])
        told = command.make_context(words[2], words[3:]).params
        quick = each.finding.asked
        numbers = {"draws", "base", "orders", "every", "top"}
        assert {key: told[key] for key in quick if key not in numbers} == {
            key: value for key, value in quick.items() if key not in numbers
        }
        size = "base" if name == "sensitivity" else "draws"
        assert told[size] > quick[size] if prior else told[size] >= quick[size]
        # More than the posterior's joint draws would say nothing new.
        assert prior or size != "draws" or told[size] <= 2000


def test_a_question_that_cannot_be_asked_has_the_reason_and_the_others_are_asked(ask, monkeypatch):
    def refuse(say, **options):
        raise InputError("package nothing changes no lever; accepted: one that does")

    monkeypatch.setattr(whole.timing, "answer", refuse)
    found = ask()
    assert found["timing"].finding is None
    assert found["timing"].why_not == "package nothing changes no lever; accepted: one that does"
    assert found["timing"].command.startswith("fourfronts explain timing --package hold")
    assert [name for name, each in found.items() if not each.finding] == ["timing"]


def test_without_the_extra_the_reason_is_how_to_install_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    needing = {name: whole.QUESTIONS[name] for name in ("sensitivity", "discover")}
    monkeypatch.setattr(whole, "QUESTIONS", needing)
    for each in whole.ask(plan(**OPTIONS), OPTIONS, lambda _: None):
        assert each.finding is None
        assert "pip install 'fourfronts[explain]'" in each.why_not


def test_progress_says_which_question_it_is_at(ask):
    said = []
    names = list(ask(said.append))
    assert said[:2] == ["question 1 of 9, compare: begins", "question 1 of 9, compare: found"]
    assert [text.split()[4] for text in said[::2]] == [f"{name}:" for name in names]


def test_the_line_to_cross_is_the_lead_that_a_commanding_lead_asks_for():
    (lead,) = scenarios()["commanding-lead"].tests["intelligence"]
    assert str(lead) == f"lead_months[released] >= {whole.LINE}"
