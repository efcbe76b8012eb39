from clew.suggest import did_you_mean, one_of


def test_the_closest_name_is_suggested() -> None:
    assert did_you_mean("proces.name", ["file.name", "process.name"]) == "did you mean 'process.name'?"


def test_case_does_not_hide_a_name() -> None:
    assert did_you_mean("APPROVEDSIGNERS", ["ApprovedSigners"]) == "did you mean 'ApprovedSigners'?"


def test_nothing_close_says_what_to_do_instead() -> None:
    assert did_you_mean("xyz", ["file.name"], one_of(["a", "b"])) == "one of a, b"
    assert did_you_mean("xyz", []) == ""
