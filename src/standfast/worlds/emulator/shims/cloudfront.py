"""CloudFront: what the API leaves out when it was not asked for, and the origin's access control, which moto loses.

docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html, read 2026-11.
"""

from __future__ import annotations

from typing import Any

from standfast.worlds.emulator.shims import around


def install() -> None:
    from moto.cloudfront import models

    @around(models.DefaultCacheBehaviour, "__init__")
    def behaviour(original: Any, self: Any, config: Any) -> None:
        original(self, config)
        if config.get("CachePolicyId"):  # a cache policy takes the place of forwarded values
            self.forwarded_values = None
            self.min_ttl = config.get("MinTTL")
            self.default_ttl = config.get("DefaultTTL")
            self.max_ttl = config.get("MaxTTL")
        for key, attribute in (
            ("LambdaFunctionAssociations", "lambda_function_associations"),
            ("FunctionAssociations", "function_associations"),
        ):
            if config.get(key):
                setattr(self, attribute, config[key])

    @around(models.ViewerCertificate, "__init__")
    def certificate(original: Any, self: Any, config: Any) -> None:
        original(self, config)
        if self.acm_certificate_arn or self.iam_certificate_id:
            self.cloud_front_default_certificate = False
        elif not config.get("SSLSupportMethod"):
            self.ssl_support_method = None

    @around(models.Origin, "__init__")
    def origin(original: Any, self: Any, config: Any) -> None:
        original(self, config)
        self.origin_access_control_id = config.get("OriginAccessControlId") or ""
