#!/bin/sh
# Remove files that a container does not need from a virtual environment, then compile the rest.
#   slim.sh /opt/venv
set -eu
packages=$(echo "$1"/lib/python3.*/site-packages)
cd "$packages"

# Installers. torch depends on setuptools, so it stays if torch is installed.
rm -rf pip pip-*.dist-info "$1"/bin/pip*
[ -d torch ] || rm -rf setuptools setuptools-*.dist-info pkg_resources _distutils_hack distutils-precedence.pth

# Tests, sources for compilers, and translations (VerteRead has USE_I18N = False).
find . -type d -name tests -prune -exec rm -rf {} +
find . -type f \( -name '*.a' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.po' -o -name '*.mo' \) -delete
rm -rf torch/include

# botocore describes every AWS service. VerteRead needs S3 and those for signing in.
find botocore/data -mindepth 1 -maxdepth 1 -type d \
    ! -name s3 ! -name sts ! -name sso ! -name sso-oidc ! -name signin -exec rm -rf {} +

# VerteRead runs OpenVINO on the CPU only.
rm -f openvino/libs/libopenvino_intel_gpu_plugin.so openvino/libs/libopenvino_intel_npu_plugin.so openvino/libs/cache.json

# The file system of a container is read-only, so Python could not store compiled modules at run
# time. The files of an image never change, so their dates need no check.
"$1"/bin/python -m compileall -q -f -j 0 --invalidation-mode unchecked-hash "$packages" || true
find "$packages" -name '*.pyc' -print -quit | grep -q .
