import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.detection.expression import (
    Conjunction,
    Disjunction,
    Expression,
    ExpressionError,
    Name,
    Negation,
    parse,
)

A, B, C = Name("a"), Name("b"), Name("c")


@pytest.mark.parametrize(
    ("written", "tree"),
    [
        ("a", A),
        ("a.t", Name("a", "t")),
        ("a.traits >= 2", Name("a", None, 2)),
        ("a.traits>=2", Name("a", None, 2)),
        ("not a", Negation(A)),
        ("not not a", Negation(Negation(A))),
        ("a and b or c", Disjunction((Conjunction((A, B)), C))),
        ("a or b and c", Disjunction((A, Conjunction((B, C))))),
        ("(a or b) and c", Conjunction((Disjunction((A, B)), C))),
        ("not a and b", Conjunction((Negation(A), B))),
        ("not (a and b)", Negation(Conjunction((A, B)))),
        ("((a))", A),
        ("a\nand\n  b", Conjunction((A, B))),
    ],
)
def test_trees(written: str, tree: Expression) -> None:
    assert parse(written) == tree


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "a stage is missing at the end"),
        ("a and", "a stage is missing at the end"),
        ("and a", "a stage is missing before 'and'"),
        ("a b", "'b' is not expected here"),
        ("(a", "a parenthesis is not closed"),
        ("a)", "')' is not expected here"),
        ("()", "a stage is missing before ')'"),
        ("a.traits", "'a.traits' needs a number"),
        ("a.traits >= 0", "'a.traits' needs a number"),
        ("a.traits >= -1", "'a.traits' needs a number"),
        ("a.traits >= b", "'a.traits' needs a number"),
        ("a.traits >= ٢", "'a.traits' needs a number"),
        ("a >= 2", "'>=' is not expected here"),
        ("a > 2", "'>' means nothing here"),
        ("a == b", "'=' means nothing here"),
        (" or ".join(["a"] * 300), "longer than 500 words"),
        ("(" * 400, "nested more than 40 deep"),
        ("not " * 400 + "a", "nested more than 40 deep"),
    ],
)
def test_what_is_no_condition(written: str, message: str) -> None:
    with pytest.raises(ExpressionError) as error:
        parse(written)
    assert error.value.args[0] == message
    assert error.value.args[1]


@given(
    st.text(alphabet="ab .()>=2", max_size=40)
    | st.lists(
        st.sampled_from(["a", "b.t", "and", "or", "not", "(", ")", "c.traits", ">=", "2"]), max_size=30
    ).map(" ".join)
)
def test_any_text_is_a_condition_or_an_error(written: str) -> None:
    try:
        parse(written)
    except ExpressionError as error:
        assert len(error.args) == 2
