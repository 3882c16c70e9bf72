#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "buildkit/session.grpc.pb.h"
#include "daemon/buildkit/session_grants.h"

namespace nopo {
namespace {

namespace v1 = moby::filesync::v1;

// What the exporter knows of the image comes as metadata of its call.
constexpr char kNameKey[] = "exporter-md-image.name";
constexpr char kIdKey[] = "exporter-md-containerimage.config.digest";

std::string MetadataOf(const grpc::ServerContext& context, const char* key) {
  const auto found = context.client_metadata().find(key);
  if (found == context.client_metadata().end()) return "";
  return std::string(found->second.data(), found->second.size());
}

grpc::Status Failure(const absl::Status& status) {
  return grpc::Status(grpc::StatusCode::INTERNAL, std::string(status.message()));
}

class ImageReceiver final : public v1::FileSend::Service {
 public:
  explicit ImageReceiver(std::function<ArchiveOpener(const std::string&)> find)
      : find_(std::move(find)) {}

  grpc::Status DiffCopy(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<v1::BytesMessage, v1::BytesMessage>* stream) override {
    const std::string image = MetadataOf(*context, kNameKey);
    const ArchiveOpener open = find_(image);
    if (!open) {
      return grpc::Status(grpc::StatusCode::NOT_FOUND,
                          absl::StrCat("nobody waits for an image '", image, "'"));
    }
    const auto sink = open(MetadataOf(*context, kIdKey));
    if (!sink.ok()) return Failure(sink.status());
    if (*sink == nullptr) return grpc::Status(grpc::StatusCode::ALREADY_EXISTS, image);
    v1::BytesMessage message;
    while (stream->Read(&message)) {
      const absl::Status written = (*sink)->Write(message.data());
      if (!written.ok()) return Failure(written);
    }
    // A call that was broken off ends like one that is complete.
    if (context->IsCancelled()) return grpc::Status::CANCELLED;
    const absl::Status finished = (*sink)->Finish();
    return finished.ok() ? grpc::Status::OK : Failure(finished);
  }

 private:
  const std::function<ArchiveOpener(const std::string&)> find_;
};

}  // namespace

SessionService MakeImageReceiver(std::function<ArchiveOpener(const std::string&)> find) {
  return {std::make_unique<ImageReceiver>(std::move(find)),
          {"/moby.filesync.v1.FileSend/DiffCopy"}};
}

}  // namespace nopo
