"""Emoji by their names between colons: `:tada:` is 🎉.

A few hundred that are common in chats, with the names that Slack and GitHub use. The
full list is ten times as long, and no dependency of the client is sure to have it.
Other emoji can be typed or pasted themselves.
"""

from functools import cache
from typing import Final

# An emoji and its names, the usual one first. Emoji whose width differs between
# terminals (families, flags, joined ones) are left out: they break the layout.
_TABLE: Final = """
😀 grinning|😃 smiley|😄 smile|😁 grin|😆 laughing satisfied|😅 sweat_smile|🤣 rofl
😂 joy|🙂 slightly_smiling_face|🙃 upside_down_face|😉 wink|😊 blush|😇 innocent
🥰 smiling_face_with_hearts|😍 heart_eyes|🤩 star_struck|😘 kissing_heart|😋 yum
😛 stuck_out_tongue|😜 stuck_out_tongue_winking_eye|🤪 zany_face|🤑 money_mouth_face
🤗 hugs hugging_face|🤭 hand_over_mouth|🤫 shushing_face|🤔 thinking thinking_face
🤐 zipper_mouth_face|🤨 raised_eyebrow|😐 neutral_face|😑 expressionless|😶 no_mouth
😏 smirk|😒 unamused|🙄 roll_eyes|😬 grimacing|🤥 lying_face|😌 relieved|😔 pensive
😪 sleepy|🤤 drooling_face|😴 sleeping|😷 mask|🤒 face_with_thermometer|🤕 head_bandage
🤢 nauseated_face|🤮 vomiting_face|🤧 sneezing_face|🥵 hot_face|🥶 cold_face|🥴 woozy_face
😵 dizzy_face|🤯 exploding_head mind_blown|🤠 cowboy_hat_face|🥳 partying_face
😎 sunglasses|🤓 nerd_face|🧐 monocle_face|😕 confused|😟 worried|🙁 slightly_frowning_face
😮 open_mouth|😯 hushed|😲 astonished|😳 flushed|🥺 pleading_face|😦 frowning|😧 anguished
😨 fearful|😰 cold_sweat|😥 disappointed_relieved|😢 cry|😭 sob|😱 scream|😖 confounded
😣 persevere|😞 disappointed|😓 sweat|😩 weary|😫 tired_face|🥱 yawning_face|😤 triumph
😡 rage|😠 angry|🤬 cursing_face|😈 smiling_imp|👿 imp|💀 skull|💩 poop hankey|🤡 clown_face
👻 ghost|👽 alien|👾 space_invader|🤖 robot|😺 smiley_cat|😸 smile_cat|😹 joy_cat
🙈 see_no_evil|🙉 hear_no_evil|🙊 speak_no_evil|🫠 melting_face|🫡 saluting_face
🫢 face_with_open_eyes_and_hand_over_mouth|🫣 face_with_peeking_eye|🥹 face_holding_back_tears
👋 wave|🤚 raised_back_of_hand|✋ raised_hand hand|🖖 vulcan_salute|👌 ok_hand
🤌 pinched_fingers|🤏 pinching_hand|🤞 crossed_fingers fingers_crossed|🤟 love_you_gesture
🤘 metal|🤙 call_me_hand|👈 point_left|👉 point_right|👆 point_up_2|👇 point_down
👍 +1 thumbsup|👎 -1 thumbsdown|✊ fist|👊 facepunch punch|👏 clap|🙌 raised_hands
👐 open_hands|🤲 palms_up_together|🤝 handshake|🙏 pray thanks|💅 nail_care|🤳 selfie
💪 muscle|🫶 heart_hands|👂 ear|👃 nose|🧠 brain|👀 eyes|👅 tongue|👄 lips|👶 baby|🧒 child
👦 boy|👧 girl|👨 man|👩 woman|🧓 older_adult|🙋 raising_hand|🙇 bow|🤦 facepalm|🤷 shrug
💁 information_desk_person|🙅 no_good|🙆 ok_woman|🥷 ninja|🧙 mage|🧟 zombie
🏃 runner running|🚶 walking|💃 dancer|🕺 man_dancing|🧘 lotus_position|👣 footprints
❤️ heart|🧡 orange_heart|💛 yellow_heart|💚 green_heart|💙 blue_heart|💜 purple_heart
🖤 black_heart|🤍 white_heart|🤎 brown_heart|💔 broken_heart|💕 two_hearts|💖 sparkling_heart
💯 100|💢 anger|💥 boom collision|💫 dizzy|💦 sweat_drops|💨 dash|💣 bomb|💬 speech_balloon
💭 thought_balloon|💤 zzz|🔥 fire|✨ sparkles|⭐ star|🌟 star2|⚡ zap|🌈 rainbow|☔ umbrella
⛄ snowman|❄️ snowflake|☀️ sunny|🌞 sun_with_face|🌙 crescent_moon|🌚 new_moon_with_face
🌍 earth_africa|🌎 earth_americas|🌏 earth_asia|🌊 ocean|💧 droplet|🌵 cactus|🌲 evergreen_tree
🌳 deciduous_tree|🌴 palm_tree|🌱 seedling|🌿 herb|🍀 four_leaf_clover|🍁 maple_leaf
🍂 fallen_leaf|🌷 tulip|🌹 rose|🌻 sunflower|🌸 cherry_blossom|💐 bouquet|🍄 mushroom
🐶 dog|🐱 cat|🐭 mouse|🐹 hamster|🐰 rabbit|🦊 fox_face|🐻 bear|🐼 panda_face|🐨 koala|🐯 tiger
🦁 lion|🐮 cow|🐷 pig|🐸 frog|🐵 monkey_face|🐔 chicken|🐧 penguin|🐦 bird|🦆 duck|🦉 owl
🦇 bat|🐺 wolf|🐴 horse|🦄 unicorn|🐝 bee honeybee|🐛 bug|🦋 butterfly|🐌 snail|🐞 beetle
🐜 ant|🐢 turtle|🐍 snake|🦀 crab|🐙 octopus|🐟 fish|🐬 dolphin|🐳 whale|🦈 shark|🐘 elephant
🦥 sloth|🦔 hedgehog|🐑 sheep|🐐 goat|🐪 dromedary_camel|🦒 giraffe|🐓 rooster|🐇 rabbit2
🍏 green_apple|🍎 apple|🍐 pear|🍊 tangerine|🍋 lemon|🍌 banana|🍉 watermelon|🍇 grapes
🍓 strawberry|🍒 cherries|🍑 peach|🥭 mango|🍍 pineapple|🥥 coconut|🍅 tomato|🍆 eggplant
🥑 avocado|🥦 broccoli|🥒 cucumber|🌽 corn|🥕 carrot|🥔 potato|🧄 garlic|🧅 onion|🍞 bread
🥐 croissant|🥖 baguette_bread|🥨 pretzel|🧀 cheese|🥚 egg|🍳 fried_egg cooking|🥞 pancakes
🥓 bacon|🍔 hamburger|🍟 fries|🍕 pizza|🌭 hotdog|🥪 sandwich|🌮 taco|🌯 burrito|🥗 green_salad
🍝 spaghetti|🍜 ramen|🍲 stew|🍛 curry|🍣 sushi|🍱 bento|🥟 dumpling|🍚 rice|🍦 icecream
🍨 ice_cream|🍩 doughnut|🍪 cookie|🎂 birthday|🍰 cake|🧁 cupcake|🥧 pie|🍫 chocolate_bar
🍬 candy|🍭 lollipop|🍯 honey_pot|🍿 popcorn|☕ coffee|🍵 tea|🧃 beverage_box|🍶 sake
🍺 beer|🍻 beers|🥂 clinking_glasses|🍷 wine_glass|🥃 tumbler_glass|🍸 cocktail|🍹 tropical_drink
🍾 champagne|🧊 ice_cube|🍴 fork_and_knife|🧂 salt
⚽ soccer|🏀 basketball|🏈 football|⚾ baseball|🎾 tennis|🏐 volleyball|🎱 8ball|🏓 ping_pong
🏆 trophy|🥇 1st_place_medal|🥈 2nd_place_medal|🥉 3rd_place_medal|🏅 medal_sports|🎯 dart
🎮 video_game|🎲 game_die|🧩 jigsaw|🎳 bowling|🎨 art|🎬 clapper|🎤 microphone|🎧 headphones
🎵 musical_note|🎶 notes|🎹 musical_keyboard|🥁 drum|🎸 guitar|🎺 trumpet|🎻 violin|🎫 ticket
🎉 tada|🎊 confetti_ball|🎈 balloon|🎁 gift|🎀 ribbon|🎃 jack_o_lantern|🎄 christmas_tree
🎆 fireworks|🪅 pinata|🚗 car red_car|🚕 taxi|🚌 bus|🚑 ambulance|🚒 fire_engine|🚓 police_car
🚚 truck|🚜 tractor|🚲 bike|🛴 kick_scooter|🚂 steam_locomotive|🚆 train2|🚇 metro|🚀 rocket
🛸 flying_saucer|🚁 helicopter|⛵ sailboat|🚢 ship|⚓ anchor|⛽ fuelpump|🚧 construction
🚦 vertical_traffic_light|🗿 moyai|🏠 house|🏡 house_with_garden|🏢 office|🏥 hospital|🏦 bank
🏫 school|🏭 factory|🏰 european_castle|⛺ tent|🌋 volcano|🗽 statue_of_liberty|⛲ fountain
⌚ watch|📱 iphone phone|💻 computer laptop|💾 floppy_disk|💿 cd|📷 camera|📹 video_camera
📞 telephone_receiver|📺 tv|📻 radio|⏰ alarm_clock|⌛ hourglass|⏳ hourglass_flowing_sand
🔋 battery|🔌 electric_plug|💡 bulb|🔦 flashlight|🧯 fire_extinguisher|💸 money_with_wings
💰 moneybag|💳 credit_card|💎 gem|🔧 wrench|🔨 hammer|🔩 nut_and_bolt|🧰 toolbox|🧲 magnet
🔫 gun|🧨 firecracker|🔪 hocho knife|🔮 crystal_ball|🔭 telescope|🔬 microscope|💊 pill
💉 syringe|🧪 test_tube|🧹 broom|🧻 roll_of_paper|🧼 soap|🔑 key|🚪 door|🪑 chair|🛒 shopping_cart
📧 e-mail email|📨 incoming_envelope|📦 package|📫 mailbox|📝 memo pencil|📁 file_folder
📂 open_file_folder|📅 date|📆 calendar|📈 chart_with_upwards_trend
📉 chart_with_downwards_trend|📊 bar_chart|📋 clipboard|📌 pushpin|📎 paperclip|📏 straight_ruler
🔒 lock|🔓 unlock|🔗 link|📚 books|📖 book open_book|📓 notebook|📰 newspaper|🔖 bookmark
🔍 mag|🔎 mag_right|📢 loudspeaker|📣 mega|🔔 bell|🔕 no_bell|🔊 loud_sound|🔇 mute
✅ white_check_mark check|❌ x|❎ negative_squared_cross_mark|❓ question|❔ grey_question
❗ exclamation heavy_exclamation_mark|❕ grey_exclamation|⛔ no_entry|🚫 no_entry_sign|🛑 stop_sign
🔴 red_circle|🟠 orange_circle|🟡 yellow_circle|🟢 green_circle|🔵 large_blue_circle
🟣 purple_circle|⚪ white_circle|⚫ black_circle|🟥 red_square|🟩 green_square|🟦 blue_square
➕ heavy_plus_sign|➖ heavy_minus_sign|➗ heavy_division_sign|✔️ heavy_check_mark|⚠️ warning
♻️ recycle|🆗 ok|🆕 new|🆒 cool|🆓 free|🆘 sos|🔄 arrows_counterclockwise|🔁 repeat|🔙 back
🔝 top|🔜 soon|⏩ fast_forward|⏪ rewind|⬆️ arrow_up|⬇️ arrow_down|➡️ arrow_right|⬅️ arrow_left
🏁 checkered_flag|🚩 triangular_flag_on_post|🎌 crossed_flags|🏴 black_flag
"""

# The most common reactions, offered before a letter is typed.
USUAL: Final = ("+1", "heart", "joy", "tada", "eyes", "white_check_mark", "pray", "thinking")


@cache
def _emoji() -> dict[str, str]:
    entries = (entry.split() for line in _TABLE.split("\n") for entry in line.split("|") if entry)
    return {name: char for char, *names in entries for name in names}


def emoji_for(shortcode: str) -> str | None:
    """Return the emoji with this name (without colons, in any case), or None."""
    return _emoji().get(shortcode.lower())


def matching(prefix: str) -> list[tuple[str, str]]:
    """Return names and emoji that match `prefix`, best first.

    First those that begin with it, shortest first, then those with a later word that
    does: `cat` finds `cat` and `joy_cat`. An empty prefix finds the usual ones.
    """
    start = prefix.lower()
    if not start:
        return [(name, _emoji()[name]) for name in USUAL]
    first = sorted((name for name in _emoji() if name.startswith(start)), key=_by_length)
    later = sorted((name for name in _emoji() if f"_{start}" in name), key=_by_length)
    return [(name, _emoji()[name]) for name in dict.fromkeys(first + later)]


def _by_length(name: str) -> tuple[int, str]:
    return len(name), name
