"""A small file of each kind, as its tool writes it, and the entries that it has: package and line."""

from __future__ import annotations

from typing import NamedTuple


class Sample(NamedTuple):
    """`expected` are (name@version, line)."""

    case: str
    name: str
    text: str
    expected: tuple[tuple[str, int], ...]


AXIOS, SCOPED = "axios@1.14.0", "@babel/core@7.29.0"
SAMPLES = (
    Sample(
        "npm 3",
        "package-lock.json",
        """{
  "name": "app",
  "lockfileVersion": 3,
  "packages": {
    "": {"name": "app", "dependencies": {"axios": "^1.14.0"}},
    "node_modules/axios": {
      "version": "1.14.0",
      "resolved": "https://registry.npmjs.org/axios/-/axios-1.14.0.tgz"
    },
    "node_modules/@babel/core": {
      "version": "7.29.0"
    },
    "node_modules/app": {"resolved": "packages/app", "link": true}
  }
}
""",
        ((AXIOS, 6), (SCOPED, 10)),
    ),
    Sample(
        "npm 1",
        "npm-shrinkwrap.json",
        """{
  "lockfileVersion": 1,
  "dependencies": {
    "axios": {
      "version": "1.14.0",
      "requires": {"@babel/core": "^7"}
    },
    "@babel/core": {
      "version": "7.29.0"
    }
  }
}
""",
        ((AXIOS, 4), (SCOPED, 8)),
    ),
    Sample(
        "npm 2",
        "package-lock.json",
        """{
  "lockfileVersion": 2,
  "packages": {
    "node_modules/axios": {
      "version": "1.14.0"
    }
  },
  "dependencies": {
    "axios": {
      "version": "1.14.0"
    }
  }
}
""",
        ((AXIOS, 4), (AXIOS, 9)),
    ),
    Sample(
        "yarn classic",
        "yarn.lock",
        """# yarn lockfile v1


"@babel/core@^7", "@babel/core@^7.1":
  version "7.29.0"
  resolved "https://registry.yarnpkg.com/@babel/core/-/core-7.29.0.tgz#dcfa718e09c1bde8531b72b6d0d1830481397b1d"
  dependencies:
    axios "^1.14.0"

axios@^1.14.0:
  version "1.14.0"
  resolved "https://registry.yarnpkg.com/axios/-/axios-1.14.0.tgz#7c29f4cf2ea91ef05018d5aa5399bf23ed3120eb"
""",
        ((SCOPED, 4), (AXIOS, 10)),
    ),
    Sample(
        "yarn berry",
        "yarn.lock",
        """__metadata:
  version: 8
  cacheKey: 10c0

"@babel/core@npm:^7, @babel/core@npm:^7.1":
  version: 7.29.0
  resolution: "@babel/core@npm:7.29.0"
  checksum: 10c0/abcdef
  languageName: node
  linkType: hard

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  languageName: unknown
  linkType: soft

"axios@npm:^1.14.0":
  version: 1.14.0
  resolution: "axios@npm:1.14.0"
  languageName: node
  linkType: hard
""",
        ((SCOPED, 5), (AXIOS, 18)),
    ),
    Sample(
        "pnpm 5",
        "pnpm-lock.yaml",
        """lockfileVersion: 5.4

specifiers:
  axios: ^1.14.0

packages:

  /@babel/core/7.29.0_supports-color@8.1.1:
    resolution: {integrity: sha512-Aup7}
    dev: false

  /axios/1.14.0:
    resolution: {integrity: sha512-Aup7}
    dev: false
""",
        ((SCOPED, 8), (AXIOS, 12)),
    ),
    Sample(
        "pnpm 6",
        "pnpm-lock.yaml",
        """lockfileVersion: '6.0'

packages:

  /@babel/core@7.29.0(supports-color@8.1.1):
    resolution: {integrity: sha512-Aup7}
    dev: false

  /axios@1.14.0:
    resolution: {integrity: sha512-Aup7}
    dev: false
""",
        ((SCOPED, 5), (AXIOS, 9)),
    ),
    Sample(
        "pnpm 9",
        "pnpm-lock.yaml",
        """lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      axios:
        specifier: ^1.14.0
        version: 1.14.0

packages:

  '@babel/core@7.29.0':
    resolution: {integrity: sha512-Aup7}

  axios@1.14.0:
    resolution: {integrity: sha512-Aup7}

snapshots:

  '@babel/core@7.29.0(supports-color@8.1.1)':
    dependencies:
      axios: 1.14.0

  axios@1.14.0: {}
""",
        ((SCOPED, 13), (AXIOS, 16), (SCOPED, 21), (AXIOS, 25)),
    ),
    Sample(
        "bun",
        "bun.lock",
        """{
  "lockfileVersion": 1,
  "workspaces": {
    "": {
      "name": "app",
    },
  },
  "packages": {
    "@babel/core": ["@babel/core@7.29.0", "", { "dependencies": { "axios": "^1", } }, "sha512-Aup7"],

    "app": ["app@workspace:."],

    "axios": ["axios@1.14.0", "", {}, "sha512-Aup7"],
  }
}
""",
        ((SCOPED, 9), (AXIOS, 13)),
    ),
    Sample(
        "manifest",
        "package.json",
        """{
  "name": "app",
  "dependencies": {
    "axios": "^1.14.0"
  },
  "devDependencies": {
    "@babel/core": "~7.29.0"
  }
}
""",
        (("axios", 4), ("@babel/core", 7)),
    ),
    Sample(
        "requirements",
        "dev-requirements.txt",
        """# pinned
requests==2.32.0
--index-url https://pypi.example/simple
idna>=3 ; python_version > "3.8"
urllib3 @ https://example.org/urllib3-2.0.0.tar.gz
attrs==23.1.0
""",
        (("requests@2.32.0", 2), ("idna", 4), ("urllib3", 5), ("attrs@23.1.0", 6)),
    ),
    Sample(
        "poetry",
        "poetry.lock",
        """[[package]]
name = "requests"
version = "2.32.0"
files = [
    {file = "requests-2.32.0.tar.gz", hash = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
]

[package.dependencies]
idna = ">=2.5"

[[package]]
name = "idna"
version = "3.7"

[metadata]
lock-version = "2.0"
""",
        (("requests@2.32.0", 1), ("idna@3.7", 11)),
    ),
    Sample(
        "uv",
        "uv.lock",
        """version = 1

[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }

[[package]]
name = "idna"
version = "3.7"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.pythonhosted.org/idna-3.7.tar.gz", hash = "sha256:bb" }

[[package]]
name = "requests"
version = "2.32.0"
source = { registry = "https://pypi.org/simple" }
""",
        (("idna@3.7", 8), ("requests@2.32.0", 14)),
    ),
    Sample(
        "pipfile",
        "Pipfile.lock",
        """{
    "_meta": {"hash": {"sha256": "aa"}},
    "default": {
        "idna": {
            "version": "==3.7"
        }
    },
    "develop": {
        "requests": {
            "version": "==2.32.0"
        }
    }
}
""",
        (("idna@3.7", 4), ("requests@2.32.0", 9)),
    ),
    Sample(
        "cargo",
        "Cargo.lock",
        """version = 3

[[package]]
name = "serde"
version = "1.0.200"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

[[package]]
name = "libc"
version = "0.2.150"
source = "registry+https://github.com/rust-lang/crates.io-index"
""",
        (("serde@1.0.200", 3), ("libc@0.2.150", 9)),
    ),
    Sample(
        "go",
        "go.sum",
        "".join(
            f"{module} h1:{'A' * 43}=\n"
            for module in (
                "github.com/BurntSushi/toml v1.3.2",
                "github.com/BurntSushi/toml v1.3.2/go.mod",
                "golang.org/x/text v0.14.0",
                "golang.org/x/text v0.14.0/go.mod",
            )
        ),
        (("github.com/BurntSushi/toml@v1.3.2", 1), ("golang.org/x/text@v0.14.0", 3)),
    ),
    Sample(
        "gem",
        "Gemfile.lock",
        """PATH
  remote: .
  specs:
    app (0.1.0)

GEM
  remote: https://rubygems.org/
  specs:
    rack (3.0.8)
    rails (7.1.0)
      rack (>= 3)
    nokogiri (1.16.0-x86_64-linux)

PLATFORMS
  ruby
""",
        (("rack@3.0.8", 9), ("rails@7.1.0", 10), ("nokogiri@1.16.0-x86_64-linux", 12)),
    ),
    Sample(
        "composer",
        "composer.lock",
        """{
    "packages": [
        {
            "name": "monolog/monolog",
            "version": "v3.5.0",
            "dist": {"shasum": ""}
        }
    ],
    "packages-dev": [
        {
            "name": "phpunit/phpunit",
            "version": "10.5.0"
        }
    ]
}
""",
        (("monolog/monolog@3.5.0", 4), ("phpunit/phpunit@10.5.0", 11)),
    ),
    Sample(
        "cyclonedx",
        "bom.json",
        """{
  "bomFormat": "CycloneDX",
  "specVersion": "1.6",
  "components": [
    {
      "type": "library",
      "name": "axios",
      "purl": "pkg:npm/axios@1.14.0",
      "components": [
        {"type": "library", "name": "core", "purl": "pkg:npm/%40babel/core@7.29.0"}
      ]
    },
    {"type": "file", "name": "a.txt"}
  ]
}
""",
        ((AXIOS, 8), (SCOPED, 10)),
    ),
    Sample(
        "spdx",
        "app.spdx.json",
        """{
  "spdxVersion": "SPDX-2.3",
  "packages": [
    {
      "name": "axios",
      "externalRefs": [
        {"referenceType": "purl", "referenceLocator": "pkg:npm/axios@1.14.0"}
      ],
      "checksums": [{"algorithm": "SHA1", "checksumValue": "7c29f4cf2ea91ef05018d5aa5399bf23ed3120eb"}]
    },
    {
      "name": "core",
      "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:npm/%40babel/core@7.29.0"}]
    }
  ]
}
""",
        ((AXIOS, 7), (SCOPED, 13)),
    ),
    Sample(
        "dpkg",
        "disk/var/lib/dpkg/status",
        """Package: liblzma5
Status: install ok installed
Version: 5.6.1-1
Description: XZ-format compression library
 a line that goes on

Package: xz-utils
Status: deinstall ok config-files
Version: 5.6.0-0.2

Package: bash
Status: install ok installed
Version: 5.2.21-2
""",
        (("debian/liblzma5@5.6.1-1", 1), ("debian/bash@5.2.21-2", 11)),
    ),
    Sample(
        "apk",
        "lib/apk/db/installed",
        """C:Q1dYlT4kfJwN3Zl0oM3Cz0Q2Vyo=
P:musl
V:1.2.5-r0
F:lib
R:libc.musl-x86_64.so.1

C:Q1aT4kfJwN3Zl0oM3Cz0Q2Vyo0=
P:xz
V:5.6.1-r1

""",
        (("alpine/musl@1.2.5-r0", 1), ("alpine/xz@5.6.1-r1", 7)),
    ),
)
