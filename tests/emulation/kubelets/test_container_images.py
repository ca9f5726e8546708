"""An image's name decides what runs in a container."""

import pytest
from galileo_emulation.kubelets.container_images import ContainerImages, ImageKind, OtherImage
from galileo_emulation.specification import DEFAULT_IDLE_IMAGES, FunctionSpec

RESNET = FunctionSpec(name="resnet", image="edgerun/resnet:1.0", cpu_ms_per_request=1)
PLAIN = FunctionSpec(name="plain", image="plain", cpu_ms_per_request=1)
IMAGES = ContainerImages([RESNET, PLAIN], DEFAULT_IDLE_IMAGES)


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        ("edgerun/resnet:1.0", RESNET),
        ("docker.io/edgerun/resnet:1.0", RESNET),
        ("docker.io/library/plain:latest", PLAIN),
        ("docker.io/centos/tools:latest", OtherImage.IDLE),
        ("centos/tools", OtherImage.IDLE),
        ("galileo/gateway", OtherImage.GATEWAY),
        ("galileo/gateway:0.1", OtherImage.GATEWAY),
        ("galileo/load-client", OtherImage.LOAD_CLIENT),
        ("edgerun/resnet:2.0", None),
        ("edgerun/resnet", None),
        ("typo/resnet:1.0", None),
        ("nginx", OtherImage.IDLE),
        ("nginx@sha256:" + "0" * 64, OtherImage.IDLE),
        ("busybox:1.36", OtherImage.IDLE),
        ("quay.io/team/some_app:v1.2-rc3", OtherImage.IDLE),
        ("registry.local:5000/team/app", OtherImage.IDLE),
        ("nginx:does-not-exist", None),
        ("registry.invalid/app:1", None),
        ("team/missing:1", None),
        ("UPPER/case", None),
        ("a b", None),
        ("", None),
        ("local:/tmp/app.py", None),
        ("localhost:5000/resnet", None),
    ],
)
def test_what_an_image_stands_for(image: str, kind: ImageKind | None) -> None:
    assert IMAGES.kind_of(image) == kind


def test_a_missing_image_is_named_with_those_there_are() -> None:
    assert IMAGES.missing(["plain", "galileo/gateway"]) is None
    message = IMAGES.missing(["plain", "nothing:1"])
    assert message is not None
    assert message.startswith('image "nothing:1": not found in this world; known are ')
    assert "edgerun/resnet:1.0" in message
