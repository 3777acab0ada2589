import pytest

from inference.__main__ import COMMANDS, main


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_help_is_there_for_everything(command, capsys):
    try:
        status = main([*command, "--help"])
    except SystemExit as end:
        status = end.code
    assert status == 0
    said = capsys.readouterr().out
    assert said.startswith(" ".join(["usage: python -m inference", *command]))
    assert command or all(name in said for name in COMMANDS)


@pytest.mark.parametrize("arguments", [[], ["predcit"]])
def test_unknown_command_is_told_what_there_is(arguments, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert "predict" in said
    assert all(argument in said for argument in arguments)
