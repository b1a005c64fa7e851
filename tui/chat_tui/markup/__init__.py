"""How text is shown: messages, emoji, links and times. Pure; knows no Textual."""
