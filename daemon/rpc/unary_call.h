// Answers a unary call from the pool.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <utility>

#include "common/cancellation.h"
#include "daemon/operations/operation_pool.h"
#include "daemon/rpc/status_translation.h"

namespace nopo {

// Runs `answer` on the pool and finishes the call with what it returns. A reactor that owns itself.
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  using Answer = std::function<absl::Status(const Cancellation&)>;

  UnaryCall(OperationPool& pool, Answer answer)
      : answer_(std::move(answer)), cancellation_(pool.stopping()) {
    const absl::Status started =
        pool.Start([this] { Finish(ToGrpcStatus(answer_(cancellation_))); });
    if (!started.ok()) Finish(ToGrpcStatus(started));
  }

  void OnCancel() override { cancellation_.Cancel(); }
  void OnDone() override { delete this; }

 private:
  const Answer answer_;
  Cancellation cancellation_;
};

}  // namespace nopo
