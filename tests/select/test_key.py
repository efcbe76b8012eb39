"""The form of a value that links compare."""

import duckdb
import pytest

from clew.normalise.macro import Macros
from clew.select.key import key


@pytest.mark.parametrize(
    "alike",
    [
        (
            "nginx",
            "nginx:latest",
            "library/nginx",
            "docker.io/library/nginx:latest",
            "index.docker.io/library/nginx",
        ),
        ("kim/app", "docker.io/kim/app", "Kim/App:latest"),
        ("app:2", "docker.io/library/app:2"),
        ("registry.example.com:5000/app", "registry.example.com:5000/app:latest"),
        ("ghcr.io/library/app", "ghcr.io/library/app:latest"),
        ("app@sha256:ab", "library/app@sha256:ab"),
    ],
)
def test_an_image_with_what_docker_fills_in(alike: tuple[str, ...]) -> None:
    made = [keyed(image) for image in alike]
    assert len(set(made)) == 1 and len({keyed(alike[0]), keyed("app"), keyed("library.example.com/app")}) == 3


def keyed(image: str) -> object:
    event = 'SELECT ? AS "container.image.name", \'linux\' AS "host.os.type"'
    statement = f"SELECT {key('container.image.name')} FROM ({event})"
    with duckdb.connect() as database:
        Macros(database).make(statement)
        return database.execute(statement, [image]).fetchall()[0][0]
