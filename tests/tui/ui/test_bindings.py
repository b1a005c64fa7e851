from chat_tui.ui.bindings import bindings


def test_bindings_carry_the_id_that_settings_name() -> None:
    (binding,) = bindings("message.send")

    assert (binding.id, binding.key, binding.action) == ("message.send", "enter", "send")
