"""What the Blob service answers when it refuses.

Every class below is a direct child of StorageError, named after the service's error code. Codes, texts and statuses:
the Blob service's list of error codes in the REST reference.
"""

from __future__ import annotations

__all__ = [
    "AppendPositionConditionNotMetError",
    "AuthenticationRefusedError",
    "BlobAlreadyExistsError",
    "BlobNotFoundError",
    "BlockCountExceedsLimitError",
    "BlockListTooLongError",
    "ConditionNotMetError",
    "Crc64MismatchError",
    "EmptyMetadataKeyError",
    "InvalidBlobOrBlockError",
    "InvalidBlobTypeError",
    "InvalidBlockIdError",
    "InvalidBlockListError",
    "InvalidHeaderValueError",
    "InvalidMd5Error",
    "InvalidMetadataError",
    "InvalidQueryParameterValueError",
    "InvalidRangeError",
    "InvalidXmlDocumentError",
    "Md5MismatchError",
    "MetadataTooLargeError",
    "MissingRequiredHeaderError",
    "NotModifiedError",
    "RequestBodyTooLargeError",
    "StorageError",
    "UnsupportedHttpVerbError",
]


class StorageError(Exception):
    """A refusal: HTTP status, the service's error code and its text."""

    status = 400
    code = "InvalidInput"
    message = "One of the request inputs is not valid."

    def __init__(self, message: str | None = None) -> None:
        self.message = message or type(self).message
        super().__init__(self.message)


class BlobNotFoundError(StorageError):
    status = 404
    code = "BlobNotFound"
    message = "The specified blob does not exist."


class InvalidBlobTypeError(StorageError):
    status = 409
    code = "InvalidBlobType"
    message = "The blob type is invalid for this operation."


class InvalidBlockListError(StorageError):
    code = "InvalidBlockList"
    message = "The specified block list is invalid."


class InvalidBlobOrBlockError(StorageError):
    """Azure says so when a block's name differs in length from the blob's other blocks' names."""

    code = "InvalidBlobOrBlock"
    message = "The specified blob or block content is invalid."


class InvalidBlockIdError(StorageError):
    code = "InvalidBlockId"
    message = "The specified block ID is invalid. The block ID must be Base64-encoded."


class BlockListTooLongError(StorageError):
    code = "BlockListTooLong"
    message = "The block list may not contain more than 50,000 blocks."


class BlockCountExceedsLimitError(StorageError):
    status = 409
    code = "BlockCountExceedsLimit"
    message = "The uncommitted block count cannot exceed the maximum limit of 100,000 blocks."


class AppendPositionConditionNotMetError(StorageError):
    status = 412
    code = "AppendPositionConditionNotMet"
    message = "The append position condition specified was not met."


class InvalidRangeError(StorageError):
    status = 416
    code = "InvalidRange"
    message = "The range specified is invalid for the current size of the resource."


class ConditionNotMetError(StorageError):
    status = 412
    code = "ConditionNotMet"
    message = "The condition specified using HTTP conditional header(s) is not met."


class NotModifiedError(StorageError):
    status = 304
    code = "ConditionNotMet"
    message = "The condition specified using HTTP conditional header(s) is not met."


class BlobAlreadyExistsError(StorageError):
    status = 409
    code = "BlobAlreadyExists"
    message = "The specified blob already exists."


class Md5MismatchError(StorageError):
    code = "Md5Mismatch"
    message = "The MD5 value specified in the request did not match with the MD5 value calculated by the server."


class InvalidMd5Error(StorageError):
    code = "InvalidMd5"
    message = "The MD5 value specified in the request is invalid. The MD5 value must be 128 bits and Base64-encoded."


class Crc64MismatchError(StorageError):
    code = "Crc64Mismatch"
    message = "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server."


class EmptyMetadataKeyError(StorageError):
    code = "EmptyMetadataKey"
    message = "The key for one of the metadata key-value pairs is empty."


class InvalidMetadataError(StorageError):
    code = "InvalidMetadata"
    message = "The specified metadata is invalid. It includes characters that are not permitted."


class MetadataTooLargeError(StorageError):
    code = "MetadataTooLarge"
    message = "The size of the specified metadata exceeds the maximum size permitted."


class UnsupportedHttpVerbError(StorageError):
    status = 405
    code = "UnsupportedHttpVerb"
    message = "The resource doesn't support the specified HTTP verb."


class MissingRequiredHeaderError(StorageError):
    code = "MissingRequiredHeader"
    message = "An HTTP header that's mandatory for this request is not specified."


class InvalidHeaderValueError(StorageError):
    code = "InvalidHeaderValue"
    message = "The value for one of the HTTP headers is not in the correct format."


class InvalidQueryParameterValueError(StorageError):
    code = "InvalidQueryParameterValue"
    message = "Value for one of the query parameters specified in the request URI is invalid."


class InvalidXmlDocumentError(StorageError):
    code = "InvalidXmlDocument"
    message = "XML specified is not syntactically valid."


class RequestBodyTooLargeError(StorageError):
    status = 413
    code = "RequestBodyTooLarge"
    message = "The request body is too large and exceeds the maximum permissible limit."


class AuthenticationRefusedError(StorageError):
    """A signature that does not allow the request; carries the SAS error's own code."""

    status = 403

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
