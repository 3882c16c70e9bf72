#include "daemon/buildkit/auth_service.h"

#include <grpcpp/grpcpp.h>

#include "buildkit/session.grpc.pb.h"

namespace nopo {
namespace {

namespace v1 = moby::filesync::v1;

class AnonymousAuth final : public v1::Auth::Service {
 public:
  grpc::Status Credentials(grpc::ServerContext*, const v1::CredentialsRequest*,
                           v1::CredentialsResponse*) override {
    return grpc::Status::OK;
  }
  grpc::Status FetchToken(grpc::ServerContext*, const v1::FetchTokenRequest*,
                          v1::FetchTokenResponse*) override {
    return TokensAreYours();
  }
  grpc::Status GetTokenAuthority(grpc::ServerContext*, const v1::GetTokenAuthorityRequest*,
                                 v1::GetTokenAuthorityResponse*) override {
    return TokensAreYours();
  }
  grpc::Status VerifyTokenAuthority(grpc::ServerContext*, const v1::VerifyTokenAuthorityRequest*,
                                    v1::VerifyTokenAuthorityResponse*) override {
    return TokensAreYours();
  }

 private:
  // The one code on which the engine goes on and fetches tokens itself.
  static grpc::Status TokensAreYours() {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "the client fetches no tokens");
  }
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAnonymousAuthService() {
  return std::make_unique<AnonymousAuth>();
}

}  // namespace nopo
