#include "daemon/buildkit/oci_layout.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr size_t kHexDigits = 64;
constexpr char kTagAnnotation[] = "org.opencontainers.image.ref.name";

absl::Status FileError(absl::string_view what, const fs::path& path, int error) {
  const std::string message =
      absl::StrCat("cannot ", what, " ", path.string(), ": ", std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(message);
  if (error == EACCES || error == EPERM || error == EROFS) {
    return absl::PermissionDeniedError(message);
  }
  return absl::InternalError(message);
}

// The digits of "sha256:HEX". What names a file must be nothing else.
absl::StatusOr<std::string> HexOf(absl::string_view digest) {
  absl::string_view hex = digest;
  const bool is_digest = absl::ConsumePrefix(&hex, "sha256:") && hex.size() == kHexDigits &&
                         std::all_of(hex.begin(), hex.end(), absl::ascii_isxdigit);
  if (!is_digest) return absl::InvalidArgumentError(absl::StrCat("'", digest, "' is no digest"));
  return std::string(hex);
}

absl::Status MakeDirectories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  return error ? FileError("make", path, error.value()) : absl::OkStatus();
}

absl::Status WriteAll(int fd, absl::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError("write", path, errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> SizeOfFile(int fd, const fs::path& path) {
  struct stat found {};
  if (::fstat(fd, &found) != 0) return FileError("read", path, errno);
  return static_cast<int64_t>(found.st_size);
}

// A file of a name that nobody else has, starting with `stem`.
absl::StatusOr<std::pair<UniqueFd, std::string>> NewFile(const fs::path& stem) {
  std::string name = stem.string() + "XXXXXX";
  UniqueFd file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.valid()) return FileError("write", name, errno);
  return std::pair{std::move(file), std::move(name)};
}

// Others see the whole text or the one before.
absl::Status ReplaceFile(const fs::path& path, absl::string_view text) {
  NOPO_ASSIGN_OR_RETURN(auto created, NewFile(path));
  absl::Status outcome = WriteAll(created.first.get(), text, created.second);
  ::fchmod(created.first.get(), 0644);
  if (outcome.ok() && ::rename(created.second.c_str(), path.c_str()) != 0) {
    outcome = FileError("write", path, errno);
  }
  if (!outcome.ok()) ::unlink(created.second.c_str());
  return outcome;
}

// index.json; an empty one when there is none, or none that can be read.
json::object ReadIndex(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  boost::system::error_code error;
  json::value value = json::parse(text.str(), error);
  if (!error && value.is_object()) return std::move(value.as_object());
  return {{"schemaVersion", 2}, {"manifests", json::array()}};
}

json::array& ManifestsOf(json::object& index) {
  json::value& manifests = index["manifests"];
  return manifests.is_array() ? manifests.as_array() : manifests.emplace_array();
}

absl::string_view TextOf(const json::value* value) {
  if (value == nullptr || !value->is_string()) return "";
  return {value->as_string().data(), value->as_string().size()};
}

bool HasTag(const json::value& descriptor, absl::string_view tag) {
  if (!descriptor.is_object()) return false;
  const json::value* annotations = descriptor.as_object().if_contains("annotations");
  if (annotations == nullptr || !annotations->is_object()) return false;
  return TextOf(annotations->as_object().if_contains(kTagAnnotation)) == tag;
}

}  // namespace

OciBlob::~OciBlob() {
  if (file_.valid()) ::unlink(name_.c_str());
}

absl::Status OciBlob::Write(absl::string_view bytes) {
  NOPO_RETURN_IF_ERROR(WriteAll(file_.get(), bytes, name_));
  hash_.Update(bytes);
  size_ += static_cast<int64_t>(bytes.size());
  return absl::OkStatus();
}

absl::StatusOr<std::string> OciBlob::Commit(absl::string_view expected) {
  std::string digest = hash_.Digest();
  if (!expected.empty() && digest != expected) {
    return absl::FailedPreconditionError(
        absl::StrCat("a blob is ", digest, " where ", expected, " was expected"));
  }
  const fs::path path = blobs_ / std::string(absl::StripPrefix(digest, "sha256:"));
  ::fchmod(file_.get(), 0644);
  if (::rename(name_.c_str(), path.c_str()) != 0) return FileError("write", path, errno);
  file_.Reset();
  return digest;
}

absl::StatusOr<UniqueFd> OciLayout::OpenBlob(absl::string_view digest) const {
  NOPO_ASSIGN_OR_RETURN(const std::string hex, HexOf(digest));
  const fs::path path = BlobsDirectory() / hex;
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return FileError("read", path, errno);
  return file;
}

absl::StatusOr<int64_t> OciLayout::SizeOf(absl::string_view digest) const {
  NOPO_ASSIGN_OR_RETURN(const UniqueFd file, OpenBlob(digest));
  return SizeOfFile(file.get(), directory_);
}

absl::Status OciLayout::Read(
    absl::string_view digest, int64_t offset, int64_t size, size_t piece,
    absl::FunctionRef<bool(int64_t offset, absl::string_view bytes)> sink) const {
  NOPO_ASSIGN_OR_RETURN(const UniqueFd file, OpenBlob(digest));
  NOPO_ASSIGN_OR_RETURN(const int64_t all, SizeOfFile(file.get(), directory_));
  if (offset < 0 || offset > all || size < 0) {
    return absl::OutOfRangeError(absl::StrCat(digest, " has ", all, " bytes"));
  }
  const int64_t end = size == 0 ? all : std::min(all, offset + size);
  std::string buffer;
  while (offset < end) {
    buffer.resize(std::min(piece, static_cast<size_t>(end - offset)));
    const ssize_t count = ::pread(file.get(), buffer.data(), buffer.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FileError("read", directory_, errno);
    if (count == 0) return absl::OutOfRangeError(absl::StrCat(digest, " ended early"));
    if (!sink(offset, absl::string_view(buffer.data(), static_cast<size_t>(count)))) break;
    offset += count;
  }
  return absl::OkStatus();
}

absl::StatusOr<OciBlob> OciLayout::NewBlob() const {
  // Beside the blobs and not among them: whoever lists those sees whole ones only.
  const fs::path unfinished = directory_ / "ingest";
  NOPO_RETURN_IF_ERROR(MakeDirectories(BlobsDirectory()));
  NOPO_RETURN_IF_ERROR(MakeDirectories(unfinished));
  NOPO_ASSIGN_OR_RETURN(auto created, NewFile(unfinished / "blob-"));
  return OciBlob(BlobsDirectory(), std::move(created.first), std::move(created.second));
}

absl::StatusOr<std::string> OciLayout::FindManifest(absl::string_view tag) const {
  json::object index = ReadIndex(directory_ / "index.json");
  for (const json::value& descriptor : ManifestsOf(index)) {
    if (!HasTag(descriptor, tag)) continue;
    return std::string(TextOf(descriptor.as_object().if_contains("digest")));
  }
  return "";
}

absl::Status OciLayout::SetManifest(absl::string_view tag, absl::string_view descriptor) const {
  boost::system::error_code error;
  json::value tagged = json::parse(std::string(descriptor), error);
  if (error || !tagged.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat("'", descriptor, "' describes no manifest"));
  }
  tagged.as_object()["annotations"] = {{kTagAnnotation, std::string(tag)}};
  NOPO_RETURN_IF_ERROR(MakeDirectories(directory_));
  json::object index = ReadIndex(directory_ / "index.json");
  json::array& manifests = ManifestsOf(index);
  const auto has_tag = [&](const json::value& entry) { return HasTag(entry, tag); };
  manifests.erase(std::remove_if(manifests.begin(), manifests.end(), has_tag), manifests.end());
  manifests.push_back(std::move(tagged));
  NOPO_RETURN_IF_ERROR(ReplaceFile(directory_ / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})"));
  return ReplaceFile(directory_ / "index.json", json::serialize(index));
}

}  // namespace nopo
