// A directory of blobs in the form of an OCI image layout: blobs/sha256/HEX, and index.json with
// the manifests by their tags. Format: github.com/opencontainers/image-spec, image-layout.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/unique_fd.h"
#include "daemon/buildkit/sha256.h"

namespace nopo {

// A blob that is being written; it is in the layout only once Commit said so.
class OciBlob {
 public:
  OciBlob(OciBlob&&) noexcept = default;
  ~OciBlob();

  absl::Status Write(absl::string_view bytes);
  // The digest, which must be `expected` unless that is "".
  //
  // Errors: FAILED_PRECONDITION when it is another one.
  absl::StatusOr<std::string> Commit(absl::string_view expected = "");
  int64_t size() const { return size_; }

 private:
  friend class OciLayout;
  OciBlob(std::filesystem::path blobs, UniqueFd file, std::string name)
      : blobs_(std::move(blobs)), file_(std::move(file)), name_(std::move(name)) {}

  std::filesystem::path blobs_;
  UniqueFd file_;
  std::string name_;  // Of the unfinished file, absolute.
  Sha256 hash_;
  int64_t size_ = 0;
};

// Stateless: all is in the directory, which several processes may share. Errors besides those named
// are of the file system, with the path.
class OciLayout {
 public:
  explicit OciLayout(std::filesystem::path directory) : directory_(std::move(directory)) {}

  const std::filesystem::path& directory() const { return directory_; }

  // In bytes. Errors: NOT_FOUND; INVALID_ARGUMENT for what is no digest.
  absl::StatusOr<int64_t> SizeOf(absl::string_view digest) const;

  // Calls `sink` with `size` bytes from `offset` on (0 = to the end), in pieces of at most
  // `piece`, until it says false. Errors: as SizeOf; OUT_OF_RANGE.
  absl::Status Read(absl::string_view digest, int64_t offset, int64_t size, size_t piece,
                    absl::FunctionRef<bool(int64_t offset, absl::string_view bytes)> sink) const;

  // Makes the directory if need be.
  absl::StatusOr<OciBlob> NewBlob() const;

  // The digest of the manifest tagged `tag`; "" when there is none, or no layout at all.
  absl::StatusOr<std::string> FindManifest(absl::string_view tag) const;
  // Tags the manifest that `descriptor` (an OCI descriptor, JSON) describes.
  absl::Status SetManifest(absl::string_view tag, absl::string_view descriptor) const;

 private:
  std::filesystem::path BlobsDirectory() const { return directory_ / "blobs" / "sha256"; }
  absl::StatusOr<UniqueFd> OpenBlob(absl::string_view digest) const;

  std::filesystem::path directory_;
};

}  // namespace nopo
