#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "buildkit/secrets.grpc.pb.h"
#include "daemon/buildkit/session_grants.h"

namespace nopo {
namespace {

namespace v1 = moby::buildkit::secrets::v1;

class SecretsService final : public v1::Secrets::Service {
 public:
  explicit SecretsService(std::map<std::string, std::string> secrets)
      : secrets_(std::move(secrets)) {}

  grpc::Status GetSecret(grpc::ServerContext*, const v1::GetSecretRequest* request,
                         v1::GetSecretResponse* response) override {
    const auto found = secrets_.find(request->id());
    if (found == secrets_.end()) {
      return grpc::Status(grpc::StatusCode::NOT_FOUND,
                          absl::StrCat("secret ", request->id(), ": not found"));
    }
    response->set_data(found->second);
    return grpc::Status::OK;
  }

 private:
  const std::map<std::string, std::string> secrets_;
};

}  // namespace

SessionService MakeSecretsService(std::map<std::string, std::string> secrets) {
  return {std::make_unique<SecretsService>(std::move(secrets)),
          {"/moby.buildkit.secrets.v1.Secrets/GetSecret"}};
}

}  // namespace nopo
