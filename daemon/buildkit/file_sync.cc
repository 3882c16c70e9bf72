#include "daemon/buildkit/file_sync.h"

#include <grpcpp/grpcpp.h>

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "buildkit/session.grpc.pb.h"
#include "daemon/buildkit/file_sender.h"

namespace nopo {
namespace {

using Metadata = std::multimap<grpc::string_ref, grpc::string_ref>;

// Undoes the encoding of an URL's query.
std::string DecodeQuery(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_hex = text[i] == '%' && i + 2 < text.size() &&
                        absl::ascii_isxdigit(text[i + 1]) && absl::ascii_isxdigit(text[i + 2]);
    if (is_hex) {
      decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

// The values of `key` in the order sent. Engines since 23.0 encode all of them when one is not
// ASCII.
std::vector<std::string> ValuesOf(const Metadata& metadata, const std::string& key) {
  const bool encoded = metadata.contains(absl::StrCat(key, "-encoded"));
  std::vector<std::string> values;
  const auto [begin, end] = metadata.equal_range(key);
  for (auto it = begin; it != end; ++it) {
    const absl::string_view value(it->second.data(), it->second.size());
    values.push_back(encoded ? DecodeQuery(value) : std::string(value));
  }
  return values;
}

class FileSync final : public moby::filesync::v1::FileSync::Service {
 public:
  FileSync(DirectoryLookup find, SentObserver on_sent)
      : find_(std::move(find)), on_sent_(std::move(on_sent)) {}

  grpc::Status DiffCopy(grpc::ServerContext* context, PacketStream* stream) override {
    const Metadata& metadata = context->client_metadata();
    const std::vector<std::string> names = ValuesOf(metadata, "dir-name");
    const std::string name = names.empty() ? "" : names.front();
    const std::shared_ptr<const SyncedDirectory> directory = find_(name);
    if (directory == nullptr) {
      return grpc::Status(grpc::StatusCode::NOT_FOUND,
                          absl::StrCat("this build has no directory '", name, "'"));
    }
    FileSender sender(*directory, *context, *stream, [&](int64_t bytes) { on_sent_(name, bytes); });
    return sender.Run({.follow_paths = ValuesOf(metadata, "followpaths"),
                       .include = ValuesOf(metadata, "include-patterns"),
                       .exclude = ValuesOf(metadata, "exclude-patterns")});
  }

 private:
  const DirectoryLookup find_;
  const SentObserver on_sent_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeFileSyncService(DirectoryLookup find, SentObserver on_sent) {
  return std::make_unique<FileSync>(std::move(find), std::move(on_sent));
}

}  // namespace nopo
