// Runs an operation on the pool and streams its events to a client.
//
// A gRPC write reactor that owns itself: it is deleted once the call is over, which is never before
// the operation has ended. A client that goes away cancels the operation; no thread waits for it.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <optional>
#include <utility>

#include "common/cancellation.h"
#include "daemon/events/event_queue.h"
#include "daemon/operations/operation_pool.h"
#include "daemon/rpc/event_translation.h"
#include "daemon/rpc/operation_index.h"
#include "daemon/rpc/status_translation.h"

namespace nopo {

// `Response` has one field, `event`.
template <typename Response>
class EventStream final : public grpc::ServerWriteReactor<Response> {
 public:
  using Operation = std::function<absl::Status(EventSink&, const Cancellation&)>;

  // `name` is how CancelOperation finds it; may be empty. `operation` is given a sink of `wishes`.
  EventStream(OperationPool& pool, OperationIndex& index, std::string name, EventWishes wishes,
              Operation operation)
      : operation_(std::move(operation)),
        events_(std::move(wishes)),
        cancellation_(pool.stopping()),
        entry_(index, std::move(name), cancellation_) {
    if (absl::Status started = pool.Start([this] { Run(); }); !started.ok()) {
      status_ = std::move(started);
      events_.Close();
    }
    WriteNext();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) events_.Discard();
    WriteNext();
  }
  void OnCancel() override { cancellation_.Cancel(); }
  void OnDone() override { delete this; }

 private:
  void Run() {
    status_ = operation_(events_, cancellation_);
    events_.Close();  // Last: the reactor may be gone when it returns.
  }

  void WriteNext() {
    events_.Next([this](std::optional<Event> event) {
      if (!event.has_value()) {
        this->Finish(ToGrpcStatus(status_));
        return;
      }
      response_.Clear();
      EventToProto(*event, *response_.mutable_event());
      this->StartWrite(&response_);
    });
  }

  const Operation operation_;
  EventQueue events_;
  Cancellation cancellation_;
  const OperationIndex::Entry entry_;
  absl::Status status_;  // Written by the operation, read after events_ is closed.
  Response response_;
};

}  // namespace nopo
