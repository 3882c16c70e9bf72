// Serves the methods of one gRPC service, each with what its calls are to do.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "common/status_macros.h"
#include "common/utf8.h"
#include "daemon/rpc/admission.h"
#include "daemon/rpc/call_queue.h"
#include "daemon/rpc/handler_context.h"
#include "daemon/rpc/health_watch.h"
#include "daemon/rpc/stream_call.h"
#include "daemon/rpc/terminal_call.h"
#include "daemon/rpc/unary_call.h"
#include "daemon/rpc/unary_events.h"

namespace nopo {

// How gRPC's generated services are asked for a call of a method: their RequestXyz.
template <typename Base, typename Request, typename Responder>
using AcceptRequest = void (Base::*)(grpc::ServerContext*, Request*, Responder*,
                                     grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*);
template <typename Base, typename Responder>
using AcceptStream = void (Base::*)(grpc::ServerContext*, Responder*, grpc::CompletionQueue*,
                                    grpc::ServerCompletionQueue*, void*);

// `Service` is a generated AsyncService of a server that runs. It, the queue and the context must
// live until that is shut down.
template <typename Service>
class Methods {
 public:
  Methods(Service& service, CallQueue& queue, const HandlerContext& context)
      : service_(service), queue_(*queue.get()), context_(context) {}

  // Answers with what `answer` puts into the response; `name` is the method's in the log.
  template <typename Base, typename Request, typename Response>
  void Answer(AcceptRequest<Base, Request, grpc::ServerAsyncResponseWriter<Response>> accept,
              std::string name,
              std::type_identity_t<
                  std::function<absl::Status(const Request&, Response&, const Cancellation&)>>
                  answer) {
    AnswerAnyVersion(accept,
                     [&context = context_, name = std::move(name), answer = std::move(answer)](
                         const grpc::ServerContext& call, const Request& request,
                         Response& response, const Cancellation& c) -> absl::Status {
                       NOPO_RETURN_IF_ERROR(Admit(call, context, name));
                       return answer(request, response, c);
                     });
  }

  // The same for clients of all versions, and not in the log.
  template <typename Base, typename Request, typename Response>
  void AnswerAnyVersion(
      AcceptRequest<Base, Request, grpc::ServerAsyncResponseWriter<Response>> accept,
      std::type_identity_t<typename UnaryCall<Request, Response>::Answer> answer) {
    Serve<UnaryCall<Request, Response>>(
        {.pool = context_.pool, .accept = Bound(accept), .answer = std::move(answer)});
  }

  // Answers with a text, that of `operation`, and with the events that it reports.
  template <typename Base, typename Request, typename Response, typename Options>
  void AnswerText(
      AcceptRequest<Base, Request, grpc::ServerAsyncResponseWriter<Response>> accept,
      std::string name, absl::StatusOr<Options> (*translation)(const Request&),
      std::type_identity_t<
          std::function<absl::StatusOr<std::string>(Options&, EventSink&, const Cancellation&)>>
          operation) {
    Answer(accept, std::move(name),
           [translation, operation = std::move(operation)](
               const Request& request, Response& response, const Cancellation& c) -> absl::Status {
             NOPO_ASSIGN_OR_RETURN(Options options, translation(request));
             return AnswerWithEvents(
                 options.caller.Wishes(), response, [&](EventSink& events) -> absl::Status {
                   NOPO_ASSIGN_OR_RETURN(const std::string text, operation(options, events, c));
                   response.set_output(ValidUtf8(text));  // May name files by bytes that are none.
                   return absl::OkStatus();
                 });
           });
  }

  // Answers with the events of `operation`.
  template <typename Base, typename Request, typename Response, typename Options>
  void Stream(AcceptRequest<Base, Request, grpc::ServerAsyncWriter<Response>> accept,
              std::string name, absl::StatusOr<Options> (*translation)(const Request&),
              absl::Status (*operation)(const Workspace&, const Options&, EventSink&,
                                        const Cancellation&)) {
    Serve<StreamCall<Request, Response, Options>>({.context = context_,
                                                   .name = std::move(name),
                                                   .accept = Bound(accept),
                                                   .translation = translation,
                                                   .operation = operation});
  }

  // The same for a client that lends its terminal or its standard streams; `translation` reads the
  // first message.
  template <typename Base, typename Request, typename Response, typename Options>
  void StreamOnTerminal(AcceptStream<Base, grpc::ServerAsyncReaderWriter<Response, Request>> accept,
                        std::string name, absl::StatusOr<Options> (*translation)(const Request&),
                        absl::Status (*operation)(const Workspace&, const Options&, EventSink&,
                                                  const Cancellation&)) {
    Serve<TerminalCall<Request, Response, Options>>({.context = context_,
                                                     .name = std::move(name),
                                                     .accept = Bound(accept),
                                                     .translation = translation,
                                                     .operation = operation});
  }

  // Answers with the status that `answer` tells, for as long as the client watches.
  template <typename Base>
  void WatchHealth(
      AcceptRequest<Base, HealthWatch::Request, grpc::ServerAsyncWriter<HealthWatch::Response>>
          accept,
      std::function<HealthWatch::Response(const HealthWatch::Request&)> answer) {
    Serve<HealthWatch>({.accept = Bound(accept), .answer = std::move(answer)});
  }

 private:
  // `accept` of our service, telling our queue.
  template <typename Base, typename Request, typename Responder>
  auto Bound(AcceptRequest<Base, Request, Responder> accept) {
    return [&service = service_, &queue = queue_, accept](
               grpc::ServerContext* call, Request* request, Responder* responder, void* tag) {
      (service.*accept)(call, request, responder, &queue, &queue, tag);
    };
  }
  template <typename Base, typename Responder>
  auto Bound(AcceptStream<Base, Responder> accept) {
    return [&service = service_, &queue = queue_, accept](grpc::ServerContext* call,
                                                          Responder* responder, void* tag) {
      (service.*accept)(call, responder, &queue, &queue, tag);
    };
  }

  template <typename Call>
  void Serve(typename Call::Method method) {
    (new Call(std::make_shared<const typename Call::Method>(std::move(method))))->Accept();
  }

  Service& service_;
  grpc::ServerCompletionQueue& queue_;
  const HandlerContext& context_;
};

}  // namespace nopo
