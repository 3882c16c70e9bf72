// gRPC's completion queue and the thread that works it off.
//
// Instead of gRPC's callback API: in this version (1.51) the threads of that one sleep for 100 ms
// after every second in which nothing happened, and a call that comes meanwhile waits for them.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <thread>

namespace nopo {

// What is told when gRPC has done what it was asked to do. Its address is the tag.
class Completion {
 public:
  // `ok` as gRPC has it: false when the other side, or the server, is gone.
  virtual void Complete(bool ok) = 0;
  // What a CallQueue takes for a tag.
  void* tag() { return this; }

 protected:
  ~Completion() = default;
};

class CallQueue {
 public:
  // Adds its queue to the server that `builder` builds.
  explicit CallQueue(grpc::ServerBuilder& builder) : queue_(builder.AddCompletionQueue()) {}
  // Waits for all that is outstanding. The server, if it was built, must have been shut down.
  ~CallQueue();

  // Calls the completions from now on, one after the other on one thread: none may block.
  void Start();

  grpc::ServerCompletionQueue* get() { return queue_.get(); }

 private:
  void Work();

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::thread thread_;
};

}  // namespace nopo
