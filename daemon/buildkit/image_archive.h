// Makes a layout of an image's archive.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/buildkit/oci_layout.h"

namespace nopo {

// Unpacks an archive of one image as `docker save` writes it: with an OCI layout inside since
// engine 25, before with files of Docker's own and layers as they are in the image. `read` answers
// the archive's next bytes, good until the next call, "" at its end. Returns the digest of the
// image's manifest; where the archive has none it is made up.
//
// Errors: those of `read` and of OciLayout; INVALID_ARGUMENT for what is no such archive.
absl::StatusOr<std::string> UnpackImageArchive(
    const std::function<absl::StatusOr<absl::string_view>()>& read, const OciLayout& layout);

}  // namespace nopo
