// A call of one method, from waiting for it to its end.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <utility>

#include "absl/time/time.h"
#include "daemon/rpc/call_queue.h"

namespace nopo {

// Owns itself: it is deleted when nothing that gRPC was asked to do is outstanding any more. That
// is never before the client has been told the outcome, or is gone.
class ServerCall {
 public:
  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;

  // Waits for a call. Once, on an object made by `new`.
  void Accept();

  // Blocks until no call of the process is left, or until `deadline`.
  static void AwaitNone(absl::Time deadline);

 protected:
  // One thing that gRPC can be asked to do, once at a time.
  class Step final : public Completion {
   public:
    // `then` runs on the queue's thread.
    Step(ServerCall& call, std::function<void(bool ok)> then)
        : call_(call), then_(std::move(then)) {}

    // The tag to ask with. The call lives until it has come back.
    void* Begin();
    void Complete(bool ok) override;

   private:
    ServerCall& call_;
    const std::function<void(bool ok)> then_;
  };

  ServerCall();
  virtual ~ServerCall();

  // Asks gRPC for a call of the method.
  virtual void AcceptNext(void* tag) = 0;
  // Another object for the same method, which will wait for the call after this one.
  virtual ServerCall* Successor() const = 0;
  // There is a call.
  virtual void Begin() = 0;
  // The client has gone away, at any time after Begin().
  virtual void OnCancel() = 0;

  grpc::ServerContext& context() { return context_; }

 private:
  void OnAccepted(bool ok);
  void Release();

  grpc::ServerContext context_;
  std::atomic<int> outstanding_ = 0;
  Step accepted_{*this, [this](bool ok) { OnAccepted(ok); }};
  Step over_{*this, [this](bool) {
               if (context_.IsCancelled()) OnCancel();
             }};
};

}  // namespace nopo
