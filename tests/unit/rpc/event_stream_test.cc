#include "daemon/rpc/event_stream.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>

#include "nopo/v1/lifecycle.grpc.pb.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Service = v1::LifecycleService::AsyncService;

// A call of `up`, under the name "op", whose operation is the one that a test gives.
class UpCall final : public EventStream<v1::UpResponse> {
 public:
  struct Method {
    OperationPool& pool;
    OperationIndex& index;
    Service& service;
    grpc::ServerCompletionQueue* queue;
    Operation operation;
  };

  explicit UpCall(const Method& method) : EventStream(method.pool, method.index), method_(method) {}

 protected:
  void AcceptNext(void* tag) override {
    method_.service.RequestUp(&context(), &request_, &responder(), method_.queue, method_.queue,
                              tag);
  }
  ServerCall* Successor() const override { return new UpCall(method_); }
  void Begin() override { Run("op", EventWishes(), method_.operation); }

 private:
  const Method& method_;
  v1::UpRequest request_;
};

// A client and a server in one process, with nothing but memory between them.
class EventStreamTest : public testing::Test {
 protected:
  ~EventStreamTest() override {
    if (server_ != nullptr) server_->Shutdown();
    queue_.reset();
  }

  void Serve(UpCall::Operation operation) {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    queue_.emplace(builder);
    server_ = builder.BuildAndStart();
    method_.emplace(UpCall::Method{pool_, index_, service_, queue_->get(), std::move(operation)});
    (new UpCall(*method_))->Accept();
    queue_->Start();
    stub_ = v1::LifecycleService::NewStub(server_->InProcessChannel({}));
  }

  // The tasks that an `up` says it started.
  std::vector<std::string> ReadAll() {
    const auto reader = stub_->Up(&context_, v1::UpRequest());
    std::vector<std::string> started;
    for (v1::UpResponse response; reader->Read(&response);) {
      started.push_back(response.event().task_started().task());
    }
    status_ = reader->Finish();
    return started;
  }

  std::promise<void> ended_;  // Before the pool, whose threads use it.
  OperationPool pool_{1};
  OperationIndex index_;
  Service service_;
  std::unique_ptr<grpc::Server> server_;
  std::optional<CallQueue> queue_;
  std::optional<UpCall::Method> method_;
  std::unique_ptr<v1::LifecycleService::Stub> stub_;
  grpc::ClientContext context_;
  grpc::Status status_;
};

TEST_F(EventStreamTest, SendsEventsInOrderAndThenTheOutcome) {
  Serve([](EventSink& events, const Cancellation&) {
    for (const char* task : {"db:start", "api:start", "web:start"}) {
      events.Report(TaskStarted{task});
    }
    return absl::FailedPreconditionError("web exited");
  });

  EXPECT_THAT(ReadAll(), ElementsAre("db:start", "api:start", "web:start"));
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(status_.error_message(), "web exited");
}

TEST_F(EventStreamTest, CancelledByNameStillTellsHowItEnds) {
  Serve([this](EventSink& events, const Cancellation& cancellation) {
    EXPECT_TRUE(index_.Cancel("op"));
    cancellation.WaitUntil(absl::InfiniteFuture());
    events.Report(TaskStarted{"web:stop"});
    return absl::CancelledError("interrupted");
  });

  EXPECT_THAT(ReadAll(), ElementsAre("web:stop"));
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(EventStreamTest, CancelsTheOperationOfAClientThatGoesAway) {
  Serve([this](EventSink& events, const Cancellation& cancellation) {
    events.Report(TaskStarted{"web:start"});
    cancellation.WaitUntil(absl::InfiniteFuture());
    ended_.set_value();
    return cancellation.Check();
  });
  const auto reader = stub_->Up(&context_, v1::UpRequest());
  v1::UpResponse response;
  ASSERT_TRUE(reader->Read(&response));

  context_.TryCancel();

  ended_.get_future().wait();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(EventStreamTest, RefusesWhereNoThreadIsFree) {
  ASSERT_TRUE(pool_.Start([this] { ended_.get_future().wait(); }).ok());
  Serve([](EventSink&, const Cancellation&) { return absl::OkStatus(); });

  EXPECT_THAT(ReadAll(), IsEmpty());
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  ended_.set_value();
}

}  // namespace
}  // namespace nopo
