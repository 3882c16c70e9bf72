// A client that wants to know how the server does, until it goes away.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "daemon/rpc/server_call.h"
#include "grpc/health/v1/health.pb.h"

namespace nopo {

// Tells the status once: what serves does so until the connection ends, which tells the rest.
class HealthWatch final : public ServerCall {
 public:
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;

  // What all calls have in common.
  struct Method {
    // Asks gRPC for a call.
    std::function<void(grpc::ServerContext*, Request*, grpc::ServerAsyncWriter<Response>*,
                       void* tag)>
        accept;
    std::function<Response(const Request&)> answer;
  };

  explicit HealthWatch(std::shared_ptr<const Method> method) : method_(std::move(method)) {}

 protected:
  void AcceptNext(void* tag) override { method_->accept(&context(), &request_, &writer_, tag); }
  ServerCall* Successor() const override { return new HealthWatch(method_); }
  void Begin() override { writer_.Write(method_->answer(request_), told_.Begin()); }
  void OnCancel() override {}

 private:
  const std::shared_ptr<const Method> method_;
  grpc::ServerAsyncWriter<Response> writer_{&context()};
  Request request_;
  Step told_{*this, [](bool) {}};
};

}  // namespace nopo
