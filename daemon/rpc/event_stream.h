// Runs an operation on the pool and streams its events to a client.
//
// A gRPC reactor that owns itself: it is deleted once the call is over, which is never before the
// operation has ended. A client that goes away cancels the operation; no thread waits for it.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "common/cancellation.h"
#include "daemon/events/event_queue.h"
#include "daemon/operations/operation_pool.h"
#include "daemon/rpc/event_translation.h"
#include "daemon/rpc/operation_index.h"
#include "daemon/rpc/status_translation.h"

namespace nopo {

// `Response` has one field, `event`. `Reactor` is gRPC's, for a call that streams responses.
template <typename Response, typename Reactor = grpc::ServerWriteReactor<Response>>
class EventStream : public Reactor {
 public:
  using Operation = std::function<absl::Status(EventSink&, const Cancellation&)>;

  // `name` is how CancelOperation finds it; may be empty. The call ends with what Begin starts.
  EventStream(OperationPool& pool, OperationIndex& index, std::string name)
      : pool_(pool),
        cancellation_(pool.stopping()),
        entry_(index, std::move(name), cancellation_) {}

  // Call once. `operation` is given a sink of `wishes`.
  void Begin(EventWishes wishes, Operation operation) {
    operation_ = std::move(operation);
    events_.emplace(std::move(wishes));
    if (absl::Status started = pool_.Start([this] { Run(); }); !started.ok()) {
      status_ = std::move(started);
      events_->Close();
    }
    WriteNext();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) events_->Discard();
    OutputWritten(output_size_);
    WriteNext();
  }
  void OnCancel() override { cancellation_.Cancel(); }
  void OnDone() override { delete this; }

 protected:
  // The client has been sent that much of what a task printed; 0 for other events.
  virtual void OutputWritten(size_t /*bytes*/) {}

 private:
  void Run() {
    status_ = operation_(*events_, cancellation_);
    events_->Close();  // Last: the reactor may be gone when it returns.
  }

  void WriteNext() {
    events_->Next([this](std::optional<Event> event) {
      if (!event.has_value()) {
        this->Finish(ToGrpcStatus(status_));
        return;
      }
      const auto* output = std::get_if<TaskOutput>(&event->fact);
      output_size_ = output == nullptr ? 0 : output->data.size();
      response_.Clear();
      EventToProto(*event, *response_.mutable_event());
      this->StartWrite(&response_);
    });
  }

  OperationPool& pool_;
  Operation operation_;
  std::optional<EventQueue> events_;  // Once begun.
  Cancellation cancellation_;
  const OperationIndex::Entry entry_;
  absl::Status status_;  // Written by the operation, read after events_ is closed.
  Response response_;
  size_t output_size_ = 0;  // Of `response_`.
};

}  // namespace nopo
