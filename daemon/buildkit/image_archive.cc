#include "daemon/buildkit/image_archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <boost/json.hpp>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

namespace json = boost::json;

using Read = std::function<absl::StatusOr<absl::string_view>()>;

struct ArchiveDeleter {
  void operator()(archive* handle) const { archive_read_free(handle); }
};

absl::Status NotAnImage(absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat("the engine's archive of an image: ", problem));
}

// What libarchive asks for its input.
struct Source {
  const Read& read;
  absl::Status failure;

  static la_ssize_t Next(archive*, void* self, const void** buffer) {
    auto& source = *static_cast<Source*>(self);
    const absl::StatusOr<absl::string_view> bytes = source.read();
    source.failure.Update(bytes.status());
    if (!bytes.ok()) return -1;
    *buffer = bytes->data();
    return static_cast<la_ssize_t>(bytes->size());
  }
};

// A file of the archive that went into the layout.
struct StoredFile {
  std::string digest;
  int64_t size = 0;
};

class Unpacker {
 public:
  Unpacker(const Read& read, const OciLayout& layout)
      : source_{read, {}}, layout_(layout), archive_(archive_read_new()) {}

  absl::StatusOr<std::string> Run() {
    archive_read_support_format_tar(archive_.get());
    int result = archive_read_open(archive_.get(), &source_, nullptr, &Source::Next, nullptr);
    archive_entry* entry = nullptr;
    while (result == ARCHIVE_OK || result == ARCHIVE_WARN) {
      result = archive_read_next_header(archive_.get(), &entry);
      if (result == ARCHIVE_OK || result == ARCHIVE_WARN) NOPO_RETURN_IF_ERROR(Take(entry));
    }
    if (result != ARCHIVE_EOF) return Failure();
    return index_.empty() ? ManifestOfFiles() : ManifestOfIndex();
  }

 private:
  absl::Status Failure() const {
    if (!source_.failure.ok()) return source_.failure;
    const char* const text = archive_error_string(archive_.get());
    return NotAnImage(text == nullptr ? "it ended early" : text);
  }

  absl::Status Take(archive_entry* entry) {
    const std::filesystem::path path =
        std::filesystem::path(archive_entry_pathname(entry)).lexically_normal();
    if (const char* const target = archive_entry_symlink(entry)) {
      // A layer that the image has twice.
      links_[path] = (path.parent_path() / target).lexically_normal();
      return absl::OkStatus();
    }
    if (archive_entry_filetype(entry) != AE_IFREG) return absl::OkStatus();
    if (path == "index.json") return ReadText(index_);
    if (path == "manifest.json") return ReadText(manifest_);
    const bool is_blob = absl::StartsWith(path.string(), "blobs/sha256/") ||
                         path.filename() == "layer.tar" ||
                         (path.extension() == ".json" && !path.has_parent_path());
    return is_blob ? Store(path) : absl::OkStatus();
  }

  absl::Status ReadText(std::string& text) {
    return ReadData([&](absl::string_view bytes) {
      absl::StrAppend(&text, bytes);
      return absl::OkStatus();
    });
  }

  absl::Status Store(const std::filesystem::path& path) {
    NOPO_ASSIGN_OR_RETURN(OciBlob blob, layout_.NewBlob());
    NOPO_RETURN_IF_ERROR(ReadData([&](absl::string_view bytes) { return blob.Write(bytes); }));
    StoredFile& file = files_[path];
    file.size = blob.size();
    NOPO_ASSIGN_OR_RETURN(file.digest, blob.Commit());
    return absl::OkStatus();
  }

  absl::Status ReadData(absl::FunctionRef<absl::Status(absl::string_view)> sink) {
    std::array<char, 65536> buffer;
    while (true) {
      const la_ssize_t size = archive_read_data(archive_.get(), buffer.data(), buffer.size());
      if (size == 0) return absl::OkStatus();
      if (size < 0) return Failure();
      NOPO_RETURN_IF_ERROR(sink(absl::string_view(buffer.data(), static_cast<size_t>(size))));
    }
  }

  absl::StatusOr<std::string> ManifestOfIndex() const {
    boost::system::error_code error;
    const json::value index = json::parse(index_, error);
    const json::value* digest = error ? nullptr : index.find_pointer("/manifests/0/digest", error);
    if (digest == nullptr || !digest->is_string()) return NotAnImage("its index has no manifest");
    return std::string(digest->as_string());
  }

  // An OCI manifest of the files that Docker's own manifest names.
  absl::StatusOr<std::string> ManifestOfFiles() const {
    boost::system::error_code error;
    const json::value parsed = json::parse(manifest_, error);
    const json::value* config = error ? nullptr : parsed.find_pointer("/0/Config", error);
    const json::value* layers = error ? nullptr : parsed.find_pointer("/0/Layers", error);
    if (config == nullptr || layers == nullptr || !layers->is_array()) {
      return NotAnImage("it has no manifest");
    }
    NOPO_ASSIGN_OR_RETURN(json::object config_descriptor,
                          Describe(*config, "application/vnd.oci.image.config.v1+json"));
    json::array layer_descriptors;
    for (const json::value& layer : layers->as_array()) {
      NOPO_ASSIGN_OR_RETURN(json::object descriptor,
                            Describe(layer, "application/vnd.oci.image.layer.v1.tar"));
      layer_descriptors.push_back(std::move(descriptor));
    }
    const json::object manifest{{"schemaVersion", 2},
                                {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                                {"config", std::move(config_descriptor)},
                                {"layers", std::move(layer_descriptors)}};
    NOPO_ASSIGN_OR_RETURN(OciBlob blob, layout_.NewBlob());
    NOPO_RETURN_IF_ERROR(blob.Write(json::serialize(manifest)));
    return blob.Commit();
  }

  absl::StatusOr<json::object> Describe(const json::value& name, const char* media_type) const {
    if (!name.is_string()) return NotAnImage("its manifest is malformed");
    std::string path(name.as_string());
    if (const auto link = links_.find(path); link != links_.end()) path = link->second;
    const auto file = files_.find(path);
    if (file == files_.end()) return NotAnImage(absl::StrCat("it has no ", path));
    return json::object{
        {"mediaType", media_type}, {"digest", file->second.digest}, {"size", file->second.size}};
  }

  Source source_;
  const OciLayout& layout_;
  const std::unique_ptr<archive, ArchiveDeleter> archive_;
  std::string index_, manifest_;  // Their texts.
  std::map<std::string, StoredFile> files_;
  std::map<std::string, std::string> links_;
};

}  // namespace

absl::StatusOr<std::string> UnpackImageArchive(const Read& read, const OciLayout& layout) {
  return Unpacker(read, layout).Run();
}

}  // namespace nopo
