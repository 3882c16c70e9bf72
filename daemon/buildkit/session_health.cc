#include <grpcpp/grpcpp.h>

#include "daemon/buildkit/session_grants.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace nopo {
namespace {

namespace v1 = grpc::health::v1;

class SessionHealth final : public v1::Health::Service {
 public:
  grpc::Status Check(grpc::ServerContext*, const v1::HealthCheckRequest*,
                     v1::HealthCheckResponse* response) override {
    response->set_status(v1::HealthCheckResponse::SERVING);
    return grpc::Status::OK;
  }
};

}  // namespace

SessionService MakeSessionHealth() {
  return {std::make_unique<SessionHealth>(), {"/grpc.health.v1.Health/Check"}};
}

}  // namespace nopo
