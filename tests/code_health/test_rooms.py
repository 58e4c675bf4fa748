"""The house has one direction: a room may use what stands to its left and nothing else."""

import ast

ROOMS = (
    "evidence",
    "model",
    "policy",
    "inference",
    "analysis",
    "instruments",
    "report",
    "web",
    "cli",
)

# What a mechanism may name besides its neighbours in `model`. Arrays bring their own namespace with them and
# numbers come in as parameters: one source runs under NumPy and under JAX, and reads no file.
MECHANISM_IMPORTS = {
    "collections",
    "dataclasses",
    "enum",
    "functools",
    "itertools",
    "math",
    "types",
    "typing",
}
DRIVERS = ("driver_numpy", "driver_jax")
OPENERS = {"open", "exec", "eval", "compile", "__import__"}


def _mechanisms(modules):
    return [m for m in modules if m.room == "model" and not m.name.endswith(DRIVERS)]


def test_every_folder_has_a_place_in_the_order_of_rooms(modules):
    assert {m.room for m in modules if m.room} <= set(ROOMS), "give the new room its place in ROOMS"


def test_a_room_imports_only_rooms_to_its_left(modules):
    wrong = []
    for module in modules:
        if not module.room:
            continue
        for name, line in module.imports():
            package, _, rest = name.partition(".")
            used = rest.split(".")[0]
            if package == "fourfronts" and used in ROOMS and ROOMS.index(used) > ROOMS.index(module.room):
                wrong.append(f"{module.path}:{line}: {module.room} must not import {name}")
    assert wrong == []


def test_the_model_imports_no_other_room(modules):
    wrong = [
        f"{module.path}:{line}: imports {name}"
        for module in modules
        if module.room == "model"
        for name, line in module.imports()
        if name.startswith("fourfronts.") and name.split(".")[1] in set(ROOMS) - {"model"}
    ]
    assert wrong == []


def test_mechanisms_name_no_array_library_and_no_file(modules):
    wrong = []
    for module in _mechanisms(modules):
        wrong += [
            f"{module.path}:{line}: imports {name}"
            for name, line in module.imports()
            if name.split(".")[0] not in MECHANISM_IMPORTS and not name.startswith("fourfronts.model.")
        ]
        wrong += [
            f"{module.path}:{node.lineno}: calls {node.func.id}"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OPENERS
        ]
    assert wrong == []


def test_the_mechanisms_are_there_to_be_checked(modules):
    assert {"model.supply", "model.access", "model.stocks", "model.intelligence", "model.world"} <= {
        module.name for module in _mechanisms(modules)
    }
