"""The device's page: its wires as docs/plots/device-wiring.svg, pins, cells, times as tables."""

from bench.measurement import Row
from bench.results import ROOT, load
from thresh.hw.device_boards import DEVICE_BOARDS, DeviceBoard, Pin

from .markdown import table

TARGET = ROOT / "docs" / "plots" / "device-wiring.svg"

INK, WIRE, CARD = "#404040", "#1d6fb8", "#f1f4f7"

MICROPHONES = {
    "PDM microphone": (("CLK", "clock"), ("DAT", "data"), ("SEL (L/R)", None)),
    "I2S microphone": (("SCK (BCLK)", "clock"), ("SD (DOUT)", "data"), ("WS (LRCL)", "select"),
                       ("L/R (SEL)", None)),
}  # fmt: skip
"""Pins by the role that a board's pin has; one without a role lies on ground."""

ROW, WIDTH = 26, 640

RESOURCES = {
    "ICESTORM_LC": "logic cells", "ICESTORM_RAM": "block RAM", "ICESTORM_DSP": "DSP",
    "ICESTORM_SPRAM": "SPRAM", "TRELLIS_COMB": "logic cells", "DP16KD": "block RAM",
    "MULT18X18D": "multipliers",
}  # fmt: skip
"""nextpnr's names of what is counted."""


def rows(device: DeviceBoard, pins: tuple[tuple[str, str | None], ...]) -> list[tuple[str, str]]:
    """Pins of a microphone and what each is wired to."""
    found = []
    for name, role in pins:
        pin = device.microphone[role] if role else None
        to = f"{pin.label} (site {pin.site})" if pin else device.ground
        found.append((name, to))
    return [*found, ("3V3 (VDD)", device.supply), ("GND", device.ground)]


def draw(device: DeviceBoard) -> str:
    """Both microphones, one under the other."""
    parts, top = [], 8
    for title, pins in MICROPHONES.items():
        wires = rows(device, pins)
        height = 34 + ROW * len(wires)
        parts += [_box(8, top, 150, height, title), _box(330, top, 302, height, "iCEBreaker")]
        for number, (name, to) in enumerate(wires):
            y = top + 46 + ROW * number
            parts += [
                f'<text x="150" y="{y + 4}" text-anchor="end">{name}</text>',
                f'<path d="M158 {y}H330" stroke="{WIRE}" stroke-width="2"/>',
                f'<text x="338" y="{y + 4}">{to}</text>',
            ]
        top += height + 22
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img" '
        f'aria-label="Wires from a PDM or an I2S microphone to iCEBreaker" fill="{INK}" '
        f'font-family="sans-serif" font-size="13">\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _box(x: int, y: int, width: int, height: int, title: str) -> str:
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="{CARD}" '
        f'stroke="{INK}"/>\n<text x="{x + width / 2:g}" y="{y + 21}" text-anchor="middle" '
        f'font-weight="bold">{title}</text>'
    )


def pins() -> str:
    """Every pin of a device on every board."""
    rows = []
    devices = list(DEVICE_BOARDS.values())
    for role in ("clock", "data", "select"):
        rows.append([f"microphone {role}", *(_pin(device.microphone[role]) for device in devices)])
    rows.append(["ground", *(device.ground for device in devices)])
    rows.append(["3.3 V", *(device.supply for device in devices)])
    for number, chosen in enumerate(zip(*(device.words for device in devices), strict=False)):
        rows.append([f"class {number}", *map(_pin, chosen)])
    return table(["", *(device.board.title for device in devices)], rows)


def lights() -> str:
    """What each light says."""
    devices = list(DEVICE_BOARDS.values())
    meanings = {
        "loaded": "a network is loaded",
        "fault": "none is, or a slot of the flash was passed over",
        "heard": "a word is heard",
    }
    rows = [[text, *(device.lights[name] for device in devices)] for name, text in meanings.items()]
    return table(["", *(device.board.title for device in devices)], rows)


def blocks() -> str:
    """Logic cells of every block of the iCEBreaker device with a PDM microphone."""
    found = [row for row in load("device-build") or [] if row["case"] == "icebreaker-pdm"]
    return table(
        ["block", "logic cells"],
        [[name, f"{cells:,}"] for row in found for name, cells in row["blocks"].items()],
    )


PARTS = {
    "core": "core of the accelerator", "lean-core": "core of a device",
    "lean-core-and-front-end": "the same with the front end on its multiplier",
    "front-end": "front end without a multiplier", "multiplier": "multiplier in logic",
    "flash-loader": "flash loader", "word-spotter": "word spotter",
    "pdm-receiver-slow": "PDM receiver", "i2s-receiver": "I2S receiver",
    "sample-queue": "sample queue", "reporter": "reporter", "message-sender": "message sender",
    "command-receiver": "command receiver",
}  # fmt: skip
"""Cases of `bench.hardware.audio_blocks` as they are called on the page."""


def parts() -> str:
    """Cells of every block alone, and of the core with and without what a host wants."""
    found = {row["case"]: row for row in load("audio-blocks") or []}
    return table(
        ["block", "logic cells", "block RAM"],
        [
            [title, f"{found[case]['logic_cells']:,}", str(found[case]["block_ram"])]
            for case, title in PARTS.items()
            if case in found
        ],
    )


def builds() -> str:
    """What every device takes of its board, and the slowest of its routings by clock."""
    rows = []
    for row in load("device-build") or []:
        clocks = [
            f"{name} {min(clock['fmax_mhz'].values()):.1f} for {clock['clock_mhz']:g}"
            for name, clock in row["clocks"].items()
        ]
        used = [
            f"{use['used']:,} of {use['available']:,} {RESOURCES[name]}"
            for name, use in row["utilization"].items()
            if name in RESOURCES
        ]
        seeds = str(max(len(clock["fmax_mhz"]) for clock in row["clocks"].values()))
        rows.append([row["board"], row["kind"].upper(), ", ".join(used), ", ".join(clocks), seeds])
    return table(["board", "microphone", "used", "slowest routed clocks, MHz", "seeds"], rows)


def words() -> str:
    """When the word of every clip is at its pin, and what all of them came to."""
    found = load("device-words") or []
    lines = [
        [
            row["name"],
            ", ".join(row["heard"]),
            ", ".join(f"{seconds:.3f}" for seconds in row["seconds"]),
            "-" if row["word_end"] is None else f"{row['word_end']:.2f}",
            "-" if row["pin_ms"] is None else f"{row['pin_ms']:.0f}",
        ]
        for row in found
        if row["name"] != "all"
    ]
    return table(["clip", "heard", "pin rises, s", "word ends, s", "end to pin, ms"], lines)


def work() -> str:
    """What the clips of `words` took."""
    (found,) = [row for row in load("device-words") or [] if row["name"] == "all"] or [None]
    if found is None:
        return table([], [])
    return table(
        ["", "measured"],
        [
            ["integers compared, differences", f"{found['integers']:,}, {found['differences']}"],
            ["core cycles a frame, mean", f"{found['cycles_per_frame']:,.0f}"],
            ["time that the core's clock runs", f"{found['share_awake']:.1%}"],
            ["from a frame's last bit to the pin, at most", f"{found['frame_ms']:.2f} ms"],
            ["from a word's end to its pin, median", f"{found['pin_ms']:.0f} ms"],
        ],
    )


def clips() -> str:
    """What the whole device heard at its pins, by set, kind of microphone and network."""
    sets: dict[tuple[str, ...], list[Row]] = {}
    for row in load("device-clips") or []:
        sets.setdefault((row["set"], row["kind"], row["network"]), []).append(row)
    lines = []
    for (name, kind, network), rows in sets.items():
        clips: dict[int, int] = {}
        for row in rows:
            clips[row["phase"]] = clips.get(row["phase"], 0) + row["clips"]
        whole = max(clips.values())
        frames = sum(row["frames"] for row in rows)
        cycles = sum(row["mean_cycles"] * row["frames"] for row in rows) / frames
        lines.append(
            [
                name,
                kind.upper(),
                network,
                f"{whole}",
                f"{sum(count == whole for count in clips.values())}",
                f"{frames:,}",
                f"{sum(row['integers'] for row in rows):,}",
                f"{sum(row['first_difference'] is not None for row in rows)} of {len(rows)}",
                f"{cycles:,.0f}",
                f"{max(row['most_cycles'] for row in rows):,}",
            ]
        )
    return table(
        ["recordings", "microphone", "network", "clips", "phases", "frames", "integers",
         "power-ups that differ", "cycles a frame", "at most"],
        lines,
    )  # fmt: skip


def _pin(pin: Pin) -> str:
    return f"{pin.label} (site {pin.site})"


def stale() -> list[str]:
    """The drawing's name, where it is not what the pins say."""
    fresh = TARGET.exists() and TARGET.read_text() == draw(DEVICE_BOARDS["icebreaker"])
    return [] if fresh else [TARGET.name]


def main() -> None:
    """Write the drawing."""
    TARGET.write_text(draw(DEVICE_BOARDS["icebreaker"]))


if __name__ == "__main__":
    main()
