"""What steers a denoiser: ControlNets, T2I- and IP-Adapters, motion modules."""

from desktop.models.signatures.denoisers import DIFFUSERS, MAKERS, WIDTHS
from desktop.models.signatures.signature import Side, Signature

NETS = ("", "control_model.", "controlnet.", "module.")
MODULES = ("", "module.")
HINT = {192: "sd15", 64: "sd15", 768: "sdxl", 256: "sdxl"}  # channels of the unshuffled hint: 8² or 16² of one or three
IMAGE_WIDTHS = {768: "sd15", 1024: "sd2", 2048: "sdxl", 4096: "flux", 3072: "flux"}
TEMPORAL = "temporal_transformer.norm.weight"

ROWS = (
    Signature(
        "controlnet",
        ("input_hint_block.0.weight", "input_blocks.0.0.weight"),
        "sd15",
        prefixes=NETS,
        families=Side(MAKERS, 1, WIDTHS),
        family_marks={"label_emb.0.0.weight": "sdxl"},
    ),
    Signature(
        "controlnet",
        ("lora_controlnet",),
        variant="lora",
        families=Side(MAKERS, 1, WIDTHS),
        family_marks={"label_emb.0.0.up": "sdxl", "label_emb.0.0.weight": "sdxl"},
    ),
    Signature(
        "controlnet",
        ("controlnet_cond_embedding.conv_in.weight",),
        "sd15",
        prefixes=NETS,
        families=Side(DIFFUSERS, 1, WIDTHS),
        family_marks={"add_embedding.linear_1.weight": "sdxl"},
    ),
    Signature("controlnet", ("controlnet_blocks.0.weight", "txt_norm.weight"), "qwen", prefixes=NETS),
    Signature("controlnet", ("controlnet_blocks.0.weight", "pos_embed_input.proj.weight"), "sd3", prefixes=NETS),
    Signature("controlnet", ("controlnet_blocks.0.weight", "controlnet_x_embedder.weight"), "flux", prefixes=NETS),
    Signature("controlnet", ("controlnet_blocks.0.weight", "pos_embed_input.weight"), "flux", prefixes=NETS),
    Signature("controlnet", ("controlnet_blocks.0.weight",), prefixes=NETS),
    Signature("controlnet", ("control_all_x_embedder.2-1.weight",), "zimage", prefixes=NETS),
    Signature("controlnet", ("control_layers.0.adaLN_modulation.0.weight",), "zimage", prefixes=NETS),
    *(
        Signature("t2i_adapter", (key,), prefixes=("", "adapter."), families=Side(("conv_in.weight",), 1, HINT))
        for key in ("body.0.block1.weight", "body.0.resnets.0.block1.weight")
    ),
    *(
        Signature("ip_adapter", (key,), families=Side((key,), 1, IMAGE_WIDTHS))
        for key in ("ip_adapter.1.to_k_ip.weight", "ip_adapter.0.to_k_ip.weight")
    ),
    Signature("ip_adapter", ("ip_adapter_proj_model.proj.weight",), "flux"),
    Signature("ip_adapter", ("double_blocks.0.processor.ip_adapter_double_stream_k_proj.weight",), "flux"),
    *(
        Signature(
            "motion",
            (f"down_blocks.0.motion_modules.0.{norm}",),
            "sdxl",
            prefixes=MODULES,
            family_marks={f"down_blocks.3.motion_modules.0.{norm}": "sd15"},
        )
        for norm in (TEMPORAL, "norm.weight")
    ),
    Signature("motion", ("down_blocks.0.temporal_attentions.0.norm.weight",), "sdxl"),
)
