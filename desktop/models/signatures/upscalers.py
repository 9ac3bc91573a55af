"""Upscalers, by their architectures; those that mend faces come with them."""

from desktop.models.signatures.signature import Signature

PREFIXES = ("", "module.", "model.", "net_g.")
ARCHITECTURES = (
    ("esrgan", ("conv_first.weight", "body.0.rdb1.conv1.weight")),
    ("esrgan", ("model.0.weight", "model.1.sub.0.RDB1.conv1.0.weight")),
    ("esrgan", ("conv_first.weight", "RRDB_trunk.0.RDB1.conv1.weight")),
    ("hat", ("conv_first.weight", "layers.0.residual_group.overlap_attn.relative_position_bias_table")),
    ("swin2sr", ("conv_first.weight", "layers.0.residual_group.blocks.0.attn.logit_scale")),
    ("swinir", ("conv_first.weight", "layers.0.residual_group.blocks.0.attn.qkv.weight")),
    ("dat", ("conv_first.weight", "before_RG.1.weight")),
    ("atd", ("conv_first.weight", "layers.0.residual_group.layers.0.attn_atd.scale")),
    ("drct", ("conv_first.weight", "layers.0.swin1.attn.qkv.weight")),
    ("span", ("conv_1.eval_conv.weight", "block_1.c1_r.eval_conv.weight")),
    ("plksr", ("feats.0.weight", "feats.1.lk.conv.weight")),
    ("plksr", ("feats.0.weight", "feats.1.channe_mixer.0.weight")),
    ("omnisr", ("residual_layer.0.residual_layer.0.layer.0.fn.0.weight",)),
    ("cugan", ("unet1.conv1.conv.0.weight",)),
    ("compact", ("body.0.weight", "body.1.weight", "body.2.weight")),  # Real-ESRGAN's small ones
    ("face", ("stylegan_decoder.constant_input.weight",)),  # GFPGAN
    ("face", ("position_emb", "idx_pred_layer.1.weight")),  # CodeFormer
)

ROWS = tuple(Signature("upscaler", keys, "", variant, PREFIXES) for variant, keys in ARCHITECTURES)
