// Runs an operation on the pool and streams its events to a client.
//
// The call is never over before the operation has ended. A client that goes away cancels the
// operation; no thread waits for it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "daemon/events/event_queue.h"
#include "daemon/operations/operation_pool.h"
#include "daemon/rpc/admission.h"
#include "daemon/rpc/event_translation.h"
#include "daemon/rpc/operation_index.h"
#include "daemon/rpc/server_call.h"
#include "daemon/rpc/status_translation.h"

namespace nopo {

// `Response` has one field, `event`. `Responder` is gRPC's, for a call that streams responses.
template <typename Response, typename Responder = grpc::ServerAsyncWriter<Response>>
class EventStream : public ServerCall {
 public:
  using Operation = std::function<absl::Status(EventSink&, const Cancellation&)>;

  EventStream(OperationPool& pool, OperationIndex& index)
      : pool_(pool), index_(index), cancellation_(pool.stopping()) {}

 protected:
  // Call once the client has called. The call ends with `operation`, which is given a sink of
  // `wishes`; CancelOperation finds it by `name`, unless that is empty.
  void Run(std::string name, EventWishes wishes, Operation operation) {
    entry_.emplace(index_, std::move(name), cancellation_);
    operation_ = std::move(operation);
    events_.emplace(std::move(wishes));
    finished_tag_ = finished_.Begin();
    if (absl::Status started = pool_.Start([this] { Work(); }); !started.ok()) {
      status_ = std::move(started);
      events_->Close();
    }
    WriteNext();
  }

  // The same for what a request was translated to; an error is the outcome of the call. `method`
  // has the operation, and lives as long as the call.
  template <typename Options, typename Method>
  void RunTranslated(absl::StatusOr<Options> options, const Method& method) {
    EventWishes wishes = options.ok() ? options->caller.Wishes() : EventWishes();
    Run(OperationName(context()), std::move(wishes),
        [&method, options = std::move(options)](EventSink& events, const Cancellation& c) {
          if (!options.ok()) return options.status();
          return method.operation(method.context.workspace, *options, events, c);
        });
  }

  // The client has been sent that much of what a task printed; 0 for other events.
  virtual void OutputWritten(size_t /*bytes*/) {}

  void OnCancel() override { cancellation_.Cancel(); }

  Responder& responder() { return responder_; }

 private:
  void Work() {
    status_ = operation_(*events_, cancellation_);
    events_->Close();  // Last: the stream may be gone when it returns.
  }

  void WriteNext() {
    events_->Next([this](std::optional<Event> event) {
      if (!event.has_value()) {
        responder_.Finish(ToGrpcStatus(status_), finished_tag_);
        return;
      }
      const auto* output = std::get_if<TaskOutput>(&event->fact);
      output_size_ = output == nullptr ? 0 : output->data.size();
      response_.Clear();
      EventToProto(*event, *response_.mutable_event());
      responder_.Write(response_, written_.Begin());
    });
  }

  void OnWritten(bool ok) {
    if (!ok) events_->Discard();
    OutputWritten(output_size_);
    WriteNext();
  }

  OperationPool& pool_;
  OperationIndex& index_;
  Operation operation_;
  std::optional<EventQueue> events_;  // Once begun.
  Cancellation cancellation_;
  std::optional<OperationIndex::Entry> entry_;  // Once begun.
  absl::Status status_;  // Written by the operation, read after events_ is closed.
  Responder responder_{&context()};
  Response response_;
  size_t output_size_ = 0;  // Of `response_`.
  Step written_{*this, [this](bool ok) { OnWritten(ok); }};
  Step finished_{*this, [](bool) {}};
  void* finished_tag_ = nullptr;  // Begun with the operation, so that the stream outlives it.
};

}  // namespace nopo
