#include <grpcpp/grpcpp.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "buildkit/content.grpc.pb.h"
#include "daemon/buildkit/session_grants.h"

namespace nopo {
namespace {

namespace v1 = containerd::services::content::v1;

using ContentStorePtr = std::shared_ptr<const ContentStore>;

constexpr char kStoreKey[] = "buildkit-attachable-store-id";
// Within what every BuildKit takes as one message.
constexpr size_t kPieceSize = 1 << 20;

grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

// One blob from the first message about it to the last.
class BlobWrite {
 public:
  explicit BlobWrite(const OciLayout& layout) : layout_(layout) {}

  grpc::Status Handle(const v1::WriteContentRequest& request, v1::WriteContentResponse& response) {
    if (!request.expected().empty()) expected_ = request.expected();
    if (!expected_.empty() && layout_.SizeOf(expected_).ok()) {
      return grpc::Status(grpc::StatusCode::ALREADY_EXISTS,
                          absl::StrCat(expected_, " is there already"));
    }
    const absl::Status done = Apply(request, response);
    if (!done.ok()) return ToGrpc(done);
    response.set_action(request.action());
    response.set_offset(size_);
    response.set_total(request.total());
    return grpc::Status::OK;
  }

 private:
  absl::Status Apply(const v1::WriteContentRequest& request, v1::WriteContentResponse& response) {
    if (!blob_.has_value()) {
      absl::StatusOr<OciBlob> created = layout_.NewBlob();
      if (!created.ok()) return created.status();
      blob_.emplace(*std::move(created));
    }
    if (!request.data().empty()) {
      if (request.offset() != size_) {
        return absl::OutOfRangeError(
            absl::StrCat("a write at ", request.offset(), " where ", size_, " follows"));
      }
      const absl::Status written = blob_->Write(request.data());
      if (!written.ok()) return written;
    }
    size_ = blob_->size();
    if (request.action() != v1::COMMIT) return absl::OkStatus();
    const absl::StatusOr<std::string> digest = blob_->Commit(expected_);
    if (!digest.ok()) return digest.status();
    response.set_digest(*digest);
    return absl::OkStatus();
  }

  const OciLayout& layout_;
  std::optional<OciBlob> blob_;
  std::string expected_;
  int64_t size_ = 0;
};

class ContentService final : public v1::Content::Service {
 public:
  explicit ContentService(std::function<ContentStorePtr(const std::string&)> find)
      : find_(std::move(find)) {}

  grpc::Status Info(grpc::ServerContext* context, const v1::InfoRequest* request,
                    v1::InfoResponse* response) override {
    const ContentStorePtr store = StoreOf(*context);
    if (store == nullptr) return NoStore();
    const absl::StatusOr<int64_t> size = store->layout.SizeOf(request->digest());
    if (!size.ok()) return ToGrpc(size.status());
    response->mutable_info()->set_digest(request->digest());
    response->mutable_info()->set_size(*size);
    return grpc::Status::OK;
  }

  grpc::Status Update(grpc::ServerContext*, const v1::UpdateRequest* request,
                      v1::UpdateResponse* response) override {
    *response->mutable_info() = request->info();
    return grpc::Status::OK;
  }

  grpc::Status Read(grpc::ServerContext* context, const v1::ReadContentRequest* request,
                    grpc::ServerWriter<v1::ReadContentResponse>* writer) override {
    const ContentStorePtr store = StoreOf(*context);
    if (store == nullptr) return NoStore();
    v1::ReadContentResponse response;
    return ToGrpc(store->layout.Read(request->digest(), request->offset(), request->size(),
                                     kPieceSize, [&](int64_t offset, absl::string_view bytes) {
                                       response.set_offset(offset);
                                       response.set_data(bytes.data(), bytes.size());
                                       return writer->Write(response);
                                     }));
  }

  // Writes are not resumed, so none is known before it begins.
  grpc::Status Status(grpc::ServerContext*, const v1::StatusRequest* request,
                      v1::StatusResponse*) override {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, absl::StrCat("no write ", request->ref()));
  }
  grpc::Status Abort(grpc::ServerContext*, const v1::AbortRequest*,
                     google::protobuf::Empty*) override {
    return grpc::Status::OK;
  }

  grpc::Status Write(grpc::ServerContext* context,
                     grpc::ServerReaderWriter<v1::WriteContentResponse, v1::WriteContentRequest>*
                         stream) override {
    const ContentStorePtr store = StoreOf(*context);
    if (store == nullptr || !store->writable) return NoStore();
    BlobWrite write(store->layout);
    v1::WriteContentRequest request;
    while (stream->Read(&request)) {
      v1::WriteContentResponse response;
      grpc::Status handled = write.Handle(request, response);
      if (!handled.ok()) return handled;
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

 private:
  ContentStorePtr StoreOf(const grpc::ServerContext& context) const {
    const auto id = context.client_metadata().find(kStoreKey);
    if (id == context.client_metadata().end()) return nullptr;
    return find_(std::string(id->second.data(), id->second.size()));
  }
  static grpc::Status NoStore() {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "this build has no such store of blobs");
  }

  const std::function<ContentStorePtr(const std::string&)> find_;
};

}  // namespace

SessionService MakeContentService(std::function<ContentStorePtr(const std::string&)> find) {
  std::vector<std::string> methods;
  for (const char* method : {"Info", "Update", "Read", "Status", "Write", "Abort"}) {
    methods.push_back(absl::StrCat("/containerd.services.content.v1.Content/", method));
  }
  return {std::make_unique<ContentService>(std::move(find)), std::move(methods)};
}

}  // namespace nopo
