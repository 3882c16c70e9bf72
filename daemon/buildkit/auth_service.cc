#include <grpcpp/grpcpp.h>

#include <utility>

#include "buildkit/session.grpc.pb.h"
#include "daemon/buildkit/session_grants.h"

namespace nopo {
namespace {

namespace v1 = moby::filesync::v1;

class AuthService final : public v1::Auth::Service {
 public:
  explicit AuthService(LoginLookup login) : login_(std::move(login)) {}

  grpc::Status Credentials(grpc::ServerContext*, const v1::CredentialsRequest* request,
                           v1::CredentialsResponse* response) override {
    if (!login_) return grpc::Status::OK;
    const absl::StatusOr<BuildLogin> login = login_(request->host());
    // BuildKit puts the message into the error of the build.
    if (!login.ok()) {
      return grpc::Status(grpc::StatusCode::INTERNAL, std::string(login.status().message()));
    }
    response->set_username(login->username);
    response->set_secret(login->secret);
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

  const LoginLookup login_;
};

}  // namespace

SessionService MakeAuthService(LoginLookup login) {
  return {
      std::make_unique<AuthService>(std::move(login)),
      {"/moby.filesync.v1.Auth/Credentials", "/moby.filesync.v1.Auth/FetchToken",
       "/moby.filesync.v1.Auth/GetTokenAuthority", "/moby.filesync.v1.Auth/VerifyTokenAuthority"}};
}

std::vector<SessionService> MakeGrantServices(const SessionGrants& grants) {
  std::vector<SessionService> services;
  services.push_back(MakeAuthService(grants.login));
  if (!grants.secrets.empty()) services.push_back(MakeSecretsService(grants.secrets));
  if (!grants.ssh_agents.empty()) services.push_back(MakeSshService(grants.ssh_agents));
  return services;
}

}  // namespace nopo
