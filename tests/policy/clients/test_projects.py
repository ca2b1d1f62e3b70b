"""A trusted project with its own file is found in an image too."""

import json

import pytest

from support.machines.hosts import FORCED_CHATGPT, audit, make_host


@pytest.mark.parametrize(
    ("trusted", "verdict"), [("/home/dev/work", "log_out"), ("/home/dev", "allow")]
)
def test_trust_names_the_paths_of_the_image(trusted, verdict, tmp_path):
    user = f'[projects."{trusted}"]\ntrust_level = "trusted"\n'
    root = make_host(tmp_path / "host", user=user)
    project = root / "home/dev/work"
    (project / ".codex").mkdir(parents=True)
    (project / ".codex/config.toml").write_text(FORCED_CHATGPT)

    done = audit(
        root, "--cwd", project, "--codex-home", root / "home/dev/.codex", "--format", "json"
    )

    assert verdict == json.loads(done.stdout)["decision"]["verdict"]
