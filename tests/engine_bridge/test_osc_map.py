from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.osc_map import read_osc_map
from engine_bridge.osc_rule import DEFAULT_MAP
from engine_bridge.osc_template import OscTemplate
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.errors import OutputError
from umo_runtime.skeleton import BONES

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "osc_maps").glob("*.toml"))
FACE = '[blendshapes]\naddress = "/f/{name}"\n'
BONE = '[bones]\naddress = "/b/{name}"\n'


@pytest.fixture
def read(tmp_path):
    def run(text):
        path = tmp_path / "map.toml"
        path.write_text(text, encoding="utf-8")
        return read_osc_map(path)

    return run


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_load_and_say_what_they_are_for(path):
    assert OscTemplate(read_osc_map(path), "main").datagrams
    assert path.read_text().startswith("# ")


def test_the_generic_example_is_the_built_in_map():
    (generic,) = [path for path in EXAMPLES if path.stem == "generic"]
    assert read_osc_map(generic) == DEFAULT_MAP


def test_defaults(read):
    face, bones = sorted(read(FACE + BONE), key=lambda rule: rule.section != "blendshapes")
    assert (face.args, face.is_one_message, face.space) == (("value",), False, "ours")
    assert face.names == {name: name for name in BLENDSHAPES}
    assert (bones.args, bones.names) == (("x", "y", "z", "w"), {name: name for name in BONES})


@pytest.mark.parametrize(
    ("section", "case", "ours", "sent"),
    [
        (FACE, "camel", "mouthSmileLeft", "mouthSmileLeft"),
        (FACE, "pascal", "mouthSmileLeft", "MouthSmileLeft"),
        (FACE, "snake", "mouthSmileLeft", "mouth_smile_left"),
        (BONE, "camel", "LeftUpperArm", "leftUpperArm"),
        (BONE, "pascal", "LeftUpperArm", "LeftUpperArm"),
        (BONE, "snake", "LeftUpperArm", "left_upper_arm"),
    ],
)
def test_cases(read, section, case, ours, sent):
    (rule,) = read(f'{section}case = "{case}"')
    assert rule.names[ours] == sent


def test_names_can_be_chosen_and_renamed(read):
    (rule,) = read(FACE + 'names = ["tongueOut", "jawOpen"]\ncase = "pascal"')
    assert list(rule.names.items()) == [("tongueOut", "TongueOut"), ("jawOpen", "JawOpen")]
    (rule,) = read(FACE + 'names = { jawOpen = "v2/JawOpen" }')
    assert rule.names == {"jawOpen": "v2/JawOpen"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; give it one of root, bones, blendshapes, time"),
        ("a = ", "is not TOML: Invalid value"),
        ("[face]", "unknown section 'face'; known: root, bones, blendshapes, time"),
        ("time = 1", "time is not a section; write [time]"),
        ("[time]", 'time.address is missing; write address = "/..."'),
        ("[time]\naddress = 1", "time.address is missing"),
        (FACE + "adress = 1", "blendshapes.adress is unknown; known: address, args, names, case"),
        (FACE + 'space = "unity"', "blendshapes.space is unknown"),
        (
            '[root]\naddress = "/r"\nnames = []',
            "root.names is unknown; known: address, args, space",
        ),
        ('[time]\naddress = "time"', "time.address 'time' is no OSC address such as /a/b"),
        ('[time]\naddress = "/"', "is no OSC address"),
        ('[time]\naddress = "/a b"', "is no OSC address"),
        ('[time]\naddress = "/a*"', "is no OSC address"),
        ('[time]\naddress = "/é"', "is no OSC address"),
        ('[time]\naddress = "/{{a}}"', "is no OSC address"),
        ('[time]\naddress = "/{strem}"', "has an unknown placeholder; known: {stream}"),
        ('[time]\naddress = "/{name}"', "has an unknown placeholder; known: {stream}"),
        ('[bones]\naddress = "/{}"', "has an unknown placeholder; known: {stream}, {name}"),
        ('[bones]\naddress = "/{name!r}"', "has an unknown placeholder"),
        ('[bones]\naddress = "/{name:>99}"', "has an unknown placeholder"),
        ('[bones]\naddress = "/{name.x}"', "has an unknown placeholder"),
        ('[bones]\naddress = "/{name"', "has a brace without its other"),
        (FACE + 'args = ["x"]', "blendshapes.args ['x'] is not a list of name, value"),
        (FACE + "args = []", "blendshapes.args [] is not a list of"),
        (FACE + 'args = "value"', "is not a list of name, value"),
        (BONE + 'args = [["x"]]', "is not a list of name, x, y, z, w, ex, ey, ez"),
        (BONE + 'space = "godot"', "bones.space 'godot' is not one of ours, unity, unreal"),
        (BONE + "space = []", "bones.space [] is not one of ours"),
        (BONE + 'case = "kebab"', "bones.case 'kebab' is not one of camel, pascal, snake"),
        (BONE + 'messages = "all"', "bones.messages 'all' is not one of each, one"),
        (BONE + "names = []", "bones.names [] is neither a list of names nor a table"),
        (BONE + 'names = "Head"', "is neither a list of names nor a table"),
        (BONE + 'names = ["head"]', "bones.names has 'head', no name of ours such as 'Hips'"),
        (BONE + "names = [1]", "bones.names has '1'"),
        (BONE + 'names = [["Head"]]', "bones.names has"),
        (BONE + 'names = { Head = "a b" }', "names Head = 'a b' cannot be part of an OSC address"),
        (BONE + "names = { Head = 1 }", "names Head = 1 cannot be part"),
        (BONE + 'messages = "one"', 'has {name}, which messages = "one" leaves no place for'),
        ('[bones]\naddress = "/b"', "tells no names apart; add {name}"),
    ],
)
def test_faults_name_file_and_key_in_one_line(read, text, message):
    with pytest.raises(OutputError) as caught:
        read(text)
    assert message in str(caught.value)
    assert "map.toml" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(OutputError, match=r"none\.toml cannot be read: No such file"):
        read_osc_map(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(OutputError, match=r"bytes\.toml is not TOML"):
        read_osc_map(tmp_path / "bytes.toml")


VALUES = st.recursive(
    st.sampled_from(['"/a"', '"/a/{name}"', '"one"', '"x"', '"Head"', "1", "true", "1.5"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    max_leaves=4,
)
KEYS = st.sampled_from(["address", "args", "names", "case", "messages", "space", "other"])


@given(st.sampled_from(["root", "bones", "blendshapes", "time"]), st.dictionaries(KEYS, VALUES))
def test_any_file_is_read_or_refused(tmp_path_factory, section, keys):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    lines = [f"{key} = {value}" for key, value in keys.items()]
    path.write_text("\n".join([f"[{section}]", *lines]))
    try:
        (rule,) = read_osc_map(path)
    except OutputError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert OscTemplate((rule,), "main").datagrams
