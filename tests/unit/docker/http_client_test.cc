#include "daemon/docker/http_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "common/error.h"
#include "tests/unit/docker/scripted_server.h"
#include "tests/unit/docker/temporary_directory.h"

namespace nopo {
namespace {

class HttpClientTest : public testing::Test {
 protected:
  const TemporaryDirectory folder_;
  const std::string path_ = (folder_.path() / "s").string();
  const Cancellation never_;
};

TEST_F(HttpClientTest, ReadsStatusHeadersAndBody) {
  ScriptedServer server(path_,
                        [](const std::string&) { return OkAnswer("OK", "Api-Version: 1.41\r\n"); });
  HttpClient client({.path = path_});

  const auto response = client.Send({.target = "/_ping"}, never_);

  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.at("api-version"), "1.41");
  EXPECT_EQ(response->body, "OK");
}

TEST_F(HttpClientTest, KeepsItsConnection) {
  ScriptedServer server(path_, [](const std::string&) { return OkAnswer("OK"); });
  HttpClient client({.path = path_});

  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.Send({.target = "/"}, never_).ok());

  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, ConnectsAnewAfterTheServerRestarted) {
  HttpClient client({.path = path_});
  {
    ScriptedServer server(path_, [](const std::string&) { return OkAnswer("first"); });
    ASSERT_TRUE(client.Send({.method = "POST", .target = "/"}, never_).ok());
  }
  ScriptedServer server(path_, [](const std::string&) { return OkAnswer("second"); });

  const auto response = client.Send({.method = "POST", .target = "/"}, never_);

  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "second");
}

TEST_F(HttpClientTest, RepeatsOnlyWhatIsIdempotentOnALostKeptConnection) {
  std::atomic<int> posts = 0, gets = 0;
  ScriptedServer server(path_, [&](const std::string& line) {
    if (line.rfind("POST", 0) == 0) return ++posts, std::string();
    return ++gets == 2 ? std::string() : OkAnswer("OK");
  });
  HttpClient client({.path = path_});
  ASSERT_TRUE(client.Send({.target = "/warm-up"}, never_).ok());

  EXPECT_TRUE(client.Send({.target = "/"}, never_).ok());
  EXPECT_TRUE(absl::IsUnavailable(client.Send({.method = "POST", .target = "/"}, never_).status()));

  EXPECT_EQ(gets, 3);
  EXPECT_EQ(posts, 1);
}

TEST_F(HttpClientTest, ReportsAnEngineThatIsNotThere) {
  HttpClient client({.path = path_});

  const absl::Status status = client.Send({.target = "/"}, never_).status();

  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(ReasonOf(status), Reason::kEngineUnavailable);
}

TEST_F(HttpClientTest, EndsACallThatIsCancelledWhileItWaits) {
  Cancellation cancellation;
  // Cancels when the request has arrived, and never answers.
  ScriptedServer server(path_, [&](const std::string&) {
    cancellation.Cancel();
    return std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  });
  HttpClient client({.path = path_});

  EXPECT_TRUE(absl::IsCancelled(client.Send({.target = "/"}, cancellation).status()));
}

TEST_F(HttpClientTest, StreamsABodyWhileItArrives) {
  ScriptedServer server(path_, [](const std::string&) {
    return std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
  });
  HttpClient client({.path = path_});
  Cancellation cancellation;
  auto stream = client.Open({.target = "/"}, cancellation);
  ASSERT_TRUE(stream.ok()) << stream.status();

  const auto bytes = stream->Read();
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(*bytes, "one");

  cancellation.Cancel();
  EXPECT_TRUE(absl::IsCancelled(stream->Read().status()));
}

TEST_F(HttpClientTest, GivesThePlainConnectionBehindAnUpgrade) {
  ScriptedServer server(path_, [](const std::string&) {
    return std::string("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nraw");
  });
  HttpClient client({.path = path_});

  auto stream = client.Open({.target = "/", .upgrade = true}, never_);

  ASSERT_TRUE(stream.ok()) << stream.status();
  EXPECT_EQ(stream->status(), 101);
  EXPECT_EQ(*stream->Read(), "raw");
}

TEST_F(HttpClientTest, GivesWhatCameWithTheHeadToWhoReadsThePlainConnection) {
  ScriptedServer server(path_, [](const std::string&) {
    return std::string("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nraw");
  });
  HttpClient client({.path = path_});

  auto stream = client.Open({.target = "/", .upgrade = true}, never_);

  ASSERT_TRUE(stream.ok()) << stream.status();
  EXPECT_EQ(stream->TakeEarly(), "raw");
  EXPECT_EQ(stream->TakeEarly(), "");
}

TEST_F(HttpClientTest, TellsABodyThatBreaksOffFromOneThatEnds) {
  ScriptedServer server(path_, [](const std::string& line) -> std::string {
    const std::string begun =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n";
    return line.find("/whole") != line.npos ? begun + "0\r\n\r\n" : begun;
  });
  HttpClient client({.path = path_});

  auto whole = client.Open({.target = "/whole"}, never_);
  auto broken = client.Open({.target = "/broken"}, never_);

  ASSERT_TRUE(whole.ok() && broken.ok());
  EXPECT_EQ(*whole->ReadAll(), "one");
  EXPECT_TRUE(absl::IsUnavailable(broken->ReadAll().status()));
}

}  // namespace
}  // namespace nopo
