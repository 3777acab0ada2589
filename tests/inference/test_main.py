import pytest

from inference.__main__ import COMMANDS, main


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_every_command_has_help(command, capsys):
    try:
        status = main([*command, "--help"])
    except SystemExit as end:
        status = end.code
    assert status == 0
    output = capsys.readouterr().out
    assert output.startswith(" ".join(["usage: python -m inference", *command]))
    assert command or all(name in output for name in COMMANDS)


@pytest.mark.parametrize("arguments", [[], ["predcit"]])
def test_unknown_command_prints_the_list_of_commands(arguments, capsys):
    assert main(arguments) == 2
    output = capsys.readouterr().err
    assert "predict" in output
    assert all(argument in output for argument in arguments)
