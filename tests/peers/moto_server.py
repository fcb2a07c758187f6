"""Serves moto on a port: the images that the examples look for are there, and one known slip of moto is mended.

    python moto_server.py PORT IMAGES.json
"""

import os
import sys

CHECKS = ("MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION", "MOTO_ENABLE_AMI_VALIDATION", "MOTO_ENABLE_KEYPAIR_VALIDATION")


def answer_versioning_as_s3_does():
    """moto 5.2 names the root of this one reply after the action; S3 names it VersioningConfiguration, and strict readers insist."""
    from moto.s3.responses import S3Response

    as_moto_does = S3Response.get_bucket_versioning

    def get_bucket_versioning(self):
        status, headers, body = as_moto_does(self)
        return status, headers, body.replace("GetBucketVersioningResponse", "VersioningConfiguration")

    S3Response.get_bucket_versioning = get_bucket_versioning


def main(port, images):
    # moto reads its settings when it is imported.
    os.environ.update(dict.fromkeys(CHECKS, "true"), MOTO_IAM_LOAD_MANAGED_POLICIES="true", MOTO_AMIS_PATH=images)
    from moto.server import main as serve

    answer_versioning_as_s3_does()
    serve(["-H", "127.0.0.1", "-p", port])


if __name__ == "__main__":
    main(*sys.argv[1:])
