"""R1, R2, R6, R16: which stage hangs on which, and every load error that the language names."""

import pytest

from clew.detection.condition import All
from clew.detection.model import Alternative, Count, New, Term
from writing import RIGHT, edited, fault, faults, line_of, plan


def test_parents_and_depths() -> None:
    stages = plan().stages
    assert [(stage.name, stage.index, stage.depth) for stage in stages] == [
        ("write", 0, 1),
        ("run", 1, 2),
        ("child", 2, 3),
        ("egress", 3, 3),
    ]
    assert [[way.parent for way in stage.alternatives] for stage in stages] == [[None], [0, 0], [1], [1, 1]]
    assert [way.after for way in stages[3].alternatives] == [False, True]
    assert stages[3].alternatives[1].weak == "medium"


def test_a_list_of_links_is_any_of_them_and_terms_keep_their_operator() -> None:
    run, child = plan().stages[1:3]
    assert run.alternatives[0].link == (
        (Term("process.executable", "=", "binary"),),
        (Term("process.hash.sha256", "=", "hash"),),
    )
    assert child.alternatives[0].link == ((Term("process.parent.entity_id", "tree", "program"),),)


def test_what_stands_beside_any_is_merged_into_each_alternative() -> None:
    run = plan(
        ("      any:\n", "      where: {user.name: x}\n      link: host.name = $host\n      any:\n"),
        ("{binary: file.path,", "{binary: file.path, host: host.name,"),
        ("link: dll.path = $binary", "link: dll.path = $binary\n          where: {dll.name: y}"),
    ).stages[1]
    first, second = run.alternatives
    host = Term("host.name", "=", "host")
    assert first.link == (
        (host, Term("process.executable", "=", "binary")),
        (host, Term("process.hash.sha256", "=", "hash")),
    )
    assert second.link == ((host, Term("dll.path", "=", "binary")),)
    assert isinstance(second.where, All) and len(second.where.parts) == 2
    assert first.where == second.where.parts[0]
    assert [way.bind for way in run.alternatives] == [{"program": "process.entity_id"}] * 2


def test_the_parent_is_the_deepest_stage_over_all_lines_of_the_link() -> None:
    child = "link: process.parent.entity_id in tree of $program"
    lines = "link: [process.executable = $binary, process.parent.entity_id in tree of $program]"
    assert plan((child, lines)).stages[2].alternatives[0].parent == 1
    assert plan((child, "link: process.executable = $binary")).stages[2].alternatives[0].parent == 0


def test_a_stage_is_one_deeper_than_the_deepest_of_its_alternatives_parents() -> None:
    edits = (
        "        - on: network_traffic_flow\n          after: run",
        "        - on: network_traffic_flow\n          after: write",
    )
    egress = plan(edits).stages[3]
    assert [way.parent for way in egress.alternatives] == [1, 0]
    assert egress.depth == 3


def test_the_opening_may_have_any() -> None:
    opening = plan(
        (
            "      on: file_creation\n",
            "      any: [{on: file_creation}, {on: file_modification}]\n",
        )
    ).stages[0]
    assert [(way.component, way.parent, way.link) for way in opening.alternatives] == [
        ("file_creation", None, ()),
        ("file_modification", None, ()),
    ]


def test_within_elements_and_new() -> None:
    built = plan(
        ("      new: {key: [host.id, process.name], for: 30d}", "      new: {key: host.id, for: '%Window%'}")
    )
    assert built.within == 90 * 60 * 1_000_000
    assert built.stages[2].alternatives[0].new == New(("host.id",), built.within)


def test_counts() -> None:
    opening = plan(
        (
            "      on: file_creation\n",
            "      on: file_creation\n      count: {at_least: 5, distinct: file.path, by: user.name, within: 10m}\n",
        )
    ).stages[0]
    assert opening.alternatives[0].count == Count(5, "file.path", ("user.name",), 600_000_000)
    child = plan(
        (
            "      new: {key: [host.id, process.name], for: 30d}",
            "      count: {at_least: 3}\n      within: 5m",
        )
    )
    assert child.stages[2].alternatives[0] == Alternative(
        component="process_creation",
        link=((Term("process.parent.entity_id", "tree", "program"),),),
        parent=1,
        count=Count(3),
        within=300_000_000,
    )


def test_a_count_beside_any_is_of_the_stage_one_inside_of_its_alternative() -> None:
    beside = plan(("      any:\n", "      count: {at_least: 2}\n      any:\n")).stages[1]
    assert [way.count for way in beside.alternatives] == [Count(2, together=True)] * 2
    inside = plan(
        ("link: dll.path = $binary", "link: dll.path = $binary\n          count: {at_least: 2}")
    ).stages[1]
    assert [way.count for way in inside.alternatives] == [None, Count(2)]


def test_what_different_parents_count_may_be_differently_weak() -> None:
    edits = (
        ("    egress:\n", "    egress:\n      count: {at_least: 2}\n"),
        ("          after: run\n", "          after: write\n"),
    )
    egress = plan(*edits).stages[3]
    assert [(way.parent, way.weak, way.count) for way in egress.alternatives] == [
        (1, None, Count(2, together=True)),
        (0, "medium", Count(2, together=True)),
    ]


def test_a_number_may_be_an_element() -> None:
    edits = (
        ("  Caps:", "  Times: {type: number, default: 4, about: how often}\n  Caps:"),
        ("      new: {key: [host.id, process.name], for: 30d}", "      count: {at_least: '%Times%'}"),
    )
    assert plan(*edits).stages[2].alternatives[0].count == Count(4)


def test_from_names_the_base() -> None:
    assert plan(("  within: '%Window%'\n", "  within: '%Window%'\n  from: run\n")).base == 1


def test_traits_and_each() -> None:
    run = plan().stages[1]
    assert [trait.name for trait in run.traits] == ["renamed", "cap=a", "cap=b", "cap=c"]
    assert [trait.fields for trait in run.traits] == [("clew.process.renamed",)] + [("process.name",)] * 3
    assert not any(trait.existence for trait in run.traits)


def test_a_trait_that_only_tests_existence_is_known_as_such() -> None:
    trait = (
        plan(("renamed: {clew.process.renamed: true}", "renamed: {dll.path|exists: true}"))
        .stages[1]
        .traits[0]
    )
    assert trait.existence
    assert trait.fields == ("dll.path",)


def test_a_trait_may_read_lineage() -> None:
    built = plan(("big: {file.extension: exe}", "big: {clew.process.ancestors: setup.exe}"))
    assert built.stages[0].traits[0].fields == ("clew.process.ancestors",)


CHILD = "      link: process.parent.entity_id in tree of $program\n"
NEW = "      new: {key: [host.id, process.name], for: 30d}\n"
WRITE = "      on: file_creation\n"
FLOW = "          after: run\n          weak: medium\n"
WITHIN = "  within: '%Window%'\n"

#: what is changed, the message, the piece of the changed text in whose line it stands, part of the mend
WRONG = {
    "R1: the first stage hangs on something": (
        [(WRITE, WRITE + "      after: run\n")],
        "'write' stands first, so it is the opening and hangs on nothing",
        "after: run",
        "move the opening to the top",
    ),
    "R1: a second stage hangs on nothing": (
        [(CHILD, "")],
        "'child' hangs on nothing, and 'write' is the opening",
        "on: process_creation\n      new",
        "'link' or an 'after'",
    ),
    "R1: one alternative hangs on nothing": (
        [("          link: dll.path = $binary\n", "")],
        "'run' hangs on nothing, and 'write' is the opening",
        "- on: module_load",
        "'link' or an 'after'",
    ),
    "R1: after names no stage": (
        [("after: run", "after: ran")],
        "no stage is called 'ran'",
        "after: ran",
        "did you mean 'run'?",
    ),
    "R1: after names a stage below": (
        [(CHILD, "      after: egress\n      weak: low\n")],
        "'child' cannot come after 'egress', which does not stand above it",
        "after: egress",
        "move 'egress' above 'child'",
    ),
    "R1: after names itself": (
        [(CHILD, "      after: child\n      weak: low\n")],
        "'child' cannot come after 'child', which does not stand above it",
        "after: child",
        "move",
    ),
    "R1: after without weak": (
        [("          weak: medium\n", "")],
        "'egress' comes after another stage without a link, so it must be weak",
        "after: run",
        "add 'weak: medium'",
    ),
    "R1: a variable bound below": (
        [("[process.executable = $binary, process.hash.sha256 = $hash]", "process.entity_id = $program")],
        "$program is bound by 'run', which does not stand above this stage",
        "process.entity_id = $program",
        "stages above",
    ),
    "R1: a variable that nobody binds": (
        [("in tree of $program", "in tree of $progam")],
        "no stage binds $progam",
        "$progam",
        "did you mean '$program'?",
    ),
    "R1: a variable bound by two stages": (
        [(NEW, NEW + "      bind: {hash: process.hash.sha256}\n")],
        "$hash is bound by 'write' already",
        "bind: {hash: process",
        "rename one",
    ),
    "R1: a link over two branches": (
        [
            (NEW, NEW + "      bind: {kid: process.entity_id}\n"),
            (
                "          link: process.entity_id in tree of $program\n",
                "          link: process.entity_id in tree of $kid and user.name = $who\n",
            ),
            (
                "    egress:",
                "    other:\n      on: file_access\n      link: file.path = $binary\n      bind: {who: user.name}\n    egress:",
            ),
        ],
        "the link of 'egress' uses $who, but 'other', which binds it, does not lie on every way from the opening to 'child'",
        "in tree of $kid",
        "use only variables bound by 'child' and the stages above it",
    ),
    "R16: a variable not bound on every way to the parent": (
        [
            ("          after: run\n", "          after: child\n"),
            (NEW, NEW + "      bind: {kid: process.entity_id}\n"),
            (
                "  findings:",
                "      bind: {dest: destination.ip}\n    last:\n      on: file_access\n"
                "      link: destination.ip = $dest and process.entity_id = $kid\n  findings:",
            ),
        ],
        "the link of 'last' uses $kid, but 'child', which binds it, does not lie on every way from the opening to 'egress'",
        "and process.entity_id = $kid",
        "use only variables bound by 'egress' and the stages above it",
    ),
    "R16: link and after on one alternative": (
        [(FLOW, FLOW + "          link: host.id = $binary\n"), ("link: host.id = $binary", "link: file.path = $binary")],
        "'egress' has both 'link' and 'after'",
        "after: run",
        "keep 'link'",
    ),
    "R16: link beside any and after inside": (
        [("    egress:\n", "    egress:\n      link: file.path = $binary\n")],
        "'egress' has both 'link' and 'after'",
        "after: run",
        "keep 'link'",
    ),
    "R1: on beside any and inside": (
        [("    egress:\n", "    egress:\n      on: network_traffic_flow\n"), ("        - on: network_traffic_flow\n          after", "        - after")],
        "'on' stands beside 'any' too, in line 36",
        "- on: network_connection_creation",
        "keep one of the two",
    ),
    "R1: new beside any and inside": (
        [
            ("    egress:\n", "    egress:\n      new: {key: host.id, for: 1d}\n"),
            (FLOW, FLOW + "          new: {key: host.id, for: 1d}\n"),
        ],
        "'new' stands beside 'any' too, in line 36",
        "          new: {key: host.id",
        "keep one of the two",
    ),
    "R1: traits inside any": (
        [("          link: dll.path = $binary\n", "          link: dll.path = $binary\n          traits: {x: {dll.name: a}}\n")],
        "an alternative of 'any' has no key 'traits'",
        "traits: {x",
        "one of on, where",
    ),
    "R1: a stage without events": (
        [("      on: process_creation\n", "")],
        "the stage 'child' does not say which events fill it",
        "link: process.parent",
        "add 'on:'",
    ),
    "R2: a tree of something else": (
        [("process.parent.entity_id in tree of $program", "process.parent.entity_id in tree of $binary")],
        "'in tree of' needs a process, and file.path is none",
        "in tree of $binary",
        "use '='",
    ),
    "R2: a tree of a column that is no process": (
        [("process.parent.entity_id in tree of $program", "process.name in tree of $program")],
        "'in tree of' needs a process, and process.name is none",
        "process.name in tree",
        "use '='",
    ),
    "R2: owners of a process": (
        [("process.parent.entity_id in tree of $program", "clew.owner.uid in tree of $program")],
        "'in tree of' needs a resource, and process.entity_id is none",
        "clew.owner.uid in tree",
        "use '='",
    ),
    "R2: under something that is no folder": (
        [("link: dll.path = $binary", "link: dll.path under $hash")],
        "'under' needs a path, and file.hash.sha256 is none",
        "under $hash",
        "use '='",
    ),
    "R2: a path is no hash": (
        [("link: dll.path = $binary", "link: dll.path = $hash")],
        "dll.path is never equal to $hash, which is bound from file.hash.sha256",
        "dll.path = $hash",
        "of the kind of file.hash.sha256",
    ),
    "R2: an unknown column": (
        [("link: dll.path = $binary", "link: dl.path = $binary")],
        "no column is called 'dl.path'",
        "dl.path = $binary",
        "did you mean 'dll.path'?",
    ),
    "R2: no link": (
        [("link: dll.path = $binary", "link: dll.path is $binary")],
        "'dll.path is $binary' is no link",
        "is $binary",
        "in tree of",
    ),
    "R3: no window": ([(WITHIN, ""), ("  Window: {type: duration, default: 90m, about: the window}\n", "")], "'chain' has no 'within'", "scope", "90m"),
    "R3: a window without a unit": ([(WITHIN, "  within: 90\n"), ("  Window: {type: duration, default: 90m, about: the window}\n", "")], "'90' is no duration", "90", "as in 90m"),
    "R3: no scope": ([("  scope: host.id\n", "")], "'chain' has no 'scope'", "within: '%", "host.id"),
    "R3: a bad duration": (
        [(NEW, NEW + "      within: 5 minutes\n")],
        "'5 minutes' is no duration",
        "5 minutes",
        "90m",
    ),
    "R3: within on the opening": (
        [(WRITE, WRITE + "      within: 5m\n")],
        "'write' is the opening: 'within' counts from a parent",
        "within: 5m",
        "inside 'count'",
    ),
    "R3: from names no stage": (
        [(WITHIN, WITHIN + "  from: rum\n")],
        "no stage is called 'rum'",
        "from: rum",
        "did you mean 'run'?",
    ),
    "R16: new above from": (
        [
            (WITHIN, WITHIN + "  from: child\n"),
            ("      bind: {program", "      new: {key: host.id, for: 1d}\n      bind: {program"),
        ],
        "'run' stands above 'from' and cannot be 'new'",
        "new: {key: host.id, for: 1d}",
        "counted from the stage that 'from' names",
    ),
    "R6: a count beside any of what is not equally weak": (
        [("    egress:\n", "    egress:\n      count: {at_least: 2}\n")],
        "the 'count' of 'egress' takes together what is not equally weak",
        "weak: medium",
        "put 'weak' beside 'any' as well",
    ),
    "R6: a count both beside any and inside": (
        [("      any:\n        - on: process_creation\n", "      count: {at_least: 2}\n      any:\n        - on: process_creation\n          count: {at_least: 3}\n")],
        "'count' stands beside 'any' too, in line 22",
        "count: {at_least: 3}",
        "keep one of the two",
    ),
    "a new count beside from": (
        [
            (WITHIN, WITHIN + "  from: run\n"),
            ("    child:\n", "    other:\n      on: file_creation\n      link: file.path = $binary\n"
             "      count: {at_least: 2}\n      new: {key: host.id, for: 1d}\n    child:\n"),
        ],
        "'other' stands beside 'from' and cannot count what is 'new'",
        "new: {key: host.id, for: 1d}",
        "let it hang below 'from'",
    ),
    "R16: alternatives with different parents at from": (
        [
            ("          after: run\n", "          after: write\n"),
            (WITHIN, WITHIN + "  from: egress\n"),
        ],
        "the alternatives of 'egress' hang on different stages",
        "egress:",
        "one parent each",
    ),
    "R5: new without for": (
        [("process.name], for: 30d}", "process.name]}")],
        "'new' has no 'for'",
        "new: {key",
        "30d",
    ),
    "R5: an unknown column in a key": (
        [("key: [host.id, process.name]", "key: [host.id, proces.name]")],
        "no column is called 'proces.name'",
        "proces.name",
        "did you mean 'process.name'?",
    ),
    "R6: lineage in a key": (
        [("key: [host.id, process.name]", "key: [host.id, clew.process.ancestors]")],
        "only a trait may read 'clew.process.ancestors'",
        "clew.process.ancestors",
        "traits",
    ),
    "R6: lineage in a where": (
        [("file.path|expand: '%Paths%'}", "file.path|expand: '%Paths%', clew.process.ancestors: x}")],
        None,
        "clew.process.ancestors",
        "trait",
    ),
    "R6: a count on the opening without by": (
        [(WRITE, WRITE + "      count: {at_least: 5, within: 5m}\n")],
        "a count on the opening needs 'by' and 'within'",
        "count: {",
        "within: 10m",
    ),
    "R6: by below the opening": (
        [(NEW, NEW + "      count: {at_least: 5, by: user.name}\n")],
        "'by' and 'within' of a count belong to the opening only",
        "count: {",
        "the parent groups",
    ),
    "R6: a count of nothing": (
        [(NEW, NEW + "      count: {at_least: 0}\n")],
        "'at_least' must be a whole number of 1 or more",
        "count: {",
        "",
    ),
    "R6: a count by text": (
        [(NEW, NEW + "      count: {at_least: many}\n")],
        "'at_least' must be a whole number of 1 or more",
        "count: {",
        "",
    ),
    "R16: at_least without traits": (
        [(NEW, NEW + "      at_least: 1\n")],
        "'at_least' counts the 0 traits of 'child'",
        "at_least: 1",
        "give the stage 'traits'",
    ),
    "R16: at_least above the traits": (
        [(WRITE, WRITE + "      at_least: 2\n")],
        "'at_least' counts the 1 traits of 'write'",
        "at_least: 2",
        "ask for 1 to 1",
    ),
    "an unknown key of a stage": (
        [(CHILD, CHILD + "      lnk: x\n")],
        "the stage 'child' has no key 'lnk'",
        "lnk:",
        "did you mean 'link'?",
    ),
    "an unknown component": (
        [("on: file_creation", "on: file_creaton")],
        "no data component is called 'file_creaton'",
        "file_creaton",
        "did you mean 'file_creation'?",
    ),
    "a wrong level in weak": (
        [("weak: medium", "weak: meduim")],
        "'weak' cannot be 'meduim'",
        "meduim",
        "did you mean 'medium'?",
    ),
    "a bad name of a stage": (
        [("    child:", "    Child-1:")],
        "'Child-1' cannot name a stage",
        "Child-1",
        "small letters",
    ),
    "a stage named by a word of the language": (
        [("    child:", "    not:")],
        "'not' is a word of the language",
        "    not:",
        "another name",
    ),
    "a trait named traits": (
        [("big: {file", "traits: {file")],
        "'traits' is a word of the language",
        "traits: {file",
        "another name",
    ),
    "a variable with $": (
        [("bind: {binary:", "bind: {$other: file.name, binary:")],
        "'$other' cannot name a variable",
        "$other",
        "without $",
    ),
    "each without in": (
        [("cap: {each: process.name, in: '%Caps%'}", "cap: {each: process.name}"), ("  Caps: {type: strings, default: [a, b, c], about: counted traits}\n", "")],
        "the trait 'cap' has no 'in'",
        "each: process.name",
        "in: '%List%'",
    ),
    "each in an unknown element": (
        [("in: '%Caps%'", "in: '%Cups%'"), ("  Caps: {type: strings, default: [a, b, c], about: counted traits}\n", "")],
        "no element is called 'Cups'",
        "%Cups%",
        "declare it under 'mutable'",
    ),
    "a duration where a list is": (
        [("{each: process.name, in: '%Caps%'", "{each: process.name, in: '%Window%'"), ("  Caps: {type: strings, default: [a, b, c], about: counted traits}\n", "")],
        "the element 'Window' is of the type duration",
        "each: process.name",
        "its type must be strings",
    ),
    "a where that is no mapping": (
        [("where: {file.path|expand: '%Paths%'}", "where: ['%Paths%']")],
        "conditions are a mapping that is not empty",
        "where: [",
        "selections",
    ),
    "a problem deep in a where": (
        [("where: {file.path|expand: '%Paths%'}", "where: {a: {file.path|expand: '%Paths%'}, b: {file.pth: x}, condition: a or b}")],
        None,
        "file.pth",
        "did you mean 'file.path'?",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edits", "message", "piece", "mend"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_with_its_place_and_mend(
    edits: list[tuple[str, str]], message: str | None, piece: str, mend: str
) -> None:
    text = edited(*edits)
    found = faults(text)
    mine = [fault for fault in found if fault.message == message] if message else list(found)
    assert mine, "\n".join(map(str, found))
    assert mine[0].line == line_of(text, piece), str(mine[0])
    assert mine[0].column > 0
    assert mend in mine[0].mend


@pytest.mark.parametrize(
    "edits",
    [
        edits
        for name, (edits, message, _, _) in WRONG.items()
        if message
        and name
        not in (
            "R1: the first stage hangs on something",
            "R1: a variable bound below",
            "R1: traits inside any",
        )
    ],
)
def test_one_mistake_gives_one_fault(edits: list[tuple[str, str]]) -> None:
    fault(*edits)


def test_all_mistakes_are_told_at_once_in_file_order() -> None:
    text = edited(
        ("on: file_creation", "on: file_creaton"),
        ("key: [host.id", "key: [host.i"),
        ("$program\n        - on", "$prog\n        - on"),
    )
    found = faults(text)
    assert [fault.message.split("'")[1] if "'" in fault.message else fault.message for fault in found] == [
        "file_creaton",
        "host.i",
        "no stage binds $prog",
    ]
    assert [fault.line for fault in found] == sorted(fault.line for fault in found)


def test_the_place_is_exact() -> None:
    found = fault(("key: [host.id, process.name]", "key: [host.id, process.nam]"))
    line = RIGHT.splitlines()[found.line - 1]
    assert line[found.column - 1 :].startswith("process.name")
    assert str(found) == (
        f"d.yaml:{found.line}:{found.column}: no column is called 'process.nam' (did you mean 'process.name'?)"
    )
