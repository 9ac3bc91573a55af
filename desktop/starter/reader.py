"""A small network that reads from a picture what scene it shows: the measuring stick for what models draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from desktop.starter.data import Data, to_tensor
from desktop.starter.learn import Plan, autocast, device, learn
from desktop.starter.scenes import KINDS, MOONS, POSITIONS, SUN_COLORS, TERRAINS, TIMES, Scene, Thing
from desktop.starter.vae import load_vae, reconstruct

LIGHTS = (None, *SUN_COLORS, *MOONS)
PLACES = (None, *POSITIONS)
THINGS = (None, *((kind, color) for kind, row in KINDS.items() for color in (row.colors or (None,))))
HEADS = {
    "time": len(TIMES),
    "terrain": len(TERRAINS),
    "light": len(LIGHTS),
    "light_position": len(PLACES),
    "clouds": 2,
    "rainbow": 2,
    **dict.fromkeys(POSITIONS, len(THINGS)),  # each column holds one thing or none
}
SIDE = 64  # pixels


def attributes(scene: Scene) -> dict[str, int]:
    """A scene that leaves nothing open as one class number per head."""
    if scene.time is None or scene.terrain is None:
        raise ValueError("only a scene that leaves nothing open can be read")
    found = {
        "time": TIMES.index(scene.time),
        "terrain": TERRAINS.index(scene.terrain),
        "light": LIGHTS.index(scene.light),
        "light_position": PLACES.index(scene.light_position),
        "clouds": int(scene.clouds),
        "rainbow": int(scene.rainbow),
    }
    things = {thing.position: THINGS.index((thing.kind, thing.color)) for thing in scene.things}
    return found | {position: things.get(position, 0) for position in POSITIONS}


def scene_of(found: dict[str, int]) -> Scene:
    """What `attributes` was made of; the opposite way."""
    things = ((position, THINGS[found[position]]) for position in POSITIONS)
    return Scene(
        TIMES[found["time"]],
        TERRAINS[found["terrain"]],
        LIGHTS[found["light"]],
        PLACES[found["light_position"]],
        clouds=bool(found["clouds"]),
        rainbow=bool(found["rainbow"]),
        things=tuple(Thing(*thing, position) for position, thing in things if thing),
    )


class Reader(nn.Module):
    """Looks at pictures of any size in 64 x 64 and gives logits for every head, side by side."""

    def __init__(self, width: int = 32):
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for i, out in enumerate((width, width * 2, width * 3, width * 4)):
            first, second = (2, 1) if i == 0 else (1, 2)  # strides
            layers += [nn.Conv2d(channels, out, 3, padding=1, stride=first), nn.BatchNorm2d(out), nn.ReLU()]
            layers += [nn.Conv2d(out, out, 3, padding=1, stride=second), nn.BatchNorm2d(out), nn.ReLU()]
            channels = out
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * 16, 256), nn.ReLU(), nn.Dropout(0.2))
        self.out = nn.Linear(256, sum(HEADS.values()))

    def forward(self, pictures: Tensor) -> Tensor:
        """N x 3 x H x W in -1..1 to N x all classes of all heads."""
        return self.out(self.body(shrink(pictures)))

    @torch.inference_mode()
    def read(self, pictures: np.ndarray) -> np.ndarray:
        """Class numbers, N x heads, of N x H x W x 3 uint8 pictures."""
        batches = [to_tensor(pictures[i : i + 256]) for i in range(0, len(pictures), 256)]
        where = next(self.parameters()).device
        return torch.cat([best(self(batch.to(where))).cpu() for batch in batches]).numpy()


def shrink(pictures: Tensor) -> Tensor:
    return F.interpolate(pictures, (SIDE, SIDE), mode="area")


def best(logits: Tensor) -> Tensor:
    """The class number of each head, N x heads."""
    return torch.stack([head.argmax(1) for head in logits.split(list(HEADS.values()), 1)], 1)


def load_reader(file: Path) -> Reader:
    reader = Reader()
    reader.load_state_dict(load_file(file))
    return reader.eval()


def save_reader(reader: nn.Module, file: Path) -> None:
    """In half precision, which does not change what it reads."""
    weights = reader.state_dict()
    save_file({name: part.half() if part.is_floating_point() else part for name, part in weights.items()}, file)


def train_reader(out: Path, data: Data, plan: Plan) -> None:
    """On renderings and what the autoencoder leaves of them, noised and blurred, so that softness is no hindrance."""
    torch.manual_seed(5)
    model, vae = Reader().to(device()), load_vae(out / "vae")
    labels = torch.tensor([list(attributes(scene).values()) for scene in data.scenes])
    soft = torch.cat([shrink(batch).cpu() for batch in reconstruct(vae, data.pixels[: min(2000, data.train)])])
    soft_test = torch.cat([shrink(batch).cpu() for batch in reconstruct(vae, data.pixels[data.train :])])

    def loss() -> Tensor:
        chosen = torch.randint(0, data.train, (plan.batch,)).sort().values
        also = torch.randint(0, len(soft), (plan.batch // 2,))
        pictures = torch.cat([shrink(to_tensor(data.pixels[chosen.numpy()])), soft[also]]).to(device())
        true = torch.cat([labels[chosen], labels[also]]).to(device())
        with autocast():
            logits = model(_roughened(pictures)).float()
        heads = logits.split(list(HEADS.values()), 1)
        return torch.stack([F.cross_entropy(head, true[:, i]) for i, head in enumerate(heads)]).sum()

    def save(average: nn.Module) -> None:
        average.eval()
        crisp_test = to_tensor(data.pixels[data.train :])
        for name, test in (("renderings", crisp_test), ("reconstructions", soft_test)):
            with torch.inference_mode():
                right = (best(average(test.to(device()))).cpu() == labels[data.train :]).float().mean()
            print(f"{name} not seen: {right:.4f} of attributes read", flush=True)
        save_reader(average, out / "reader" / "reader.safetensors")

    learn(model, plan, loss, out / "reader", save)


def _roughened(pictures: Tensor) -> Tensor:
    amount = 0.08 * torch.rand(len(pictures), 1, 1, 1, device=pictures.device)
    noisy = pictures + torch.randn_like(pictures) * amount
    return F.avg_pool2d(noisy, 3, 1, 1) if torch.rand(()) < 1 / 3 else noisy
