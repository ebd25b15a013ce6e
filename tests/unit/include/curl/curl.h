/* curl.h - as much of libcurl's interface as the tests use. */
#pragma once

typedef void CURL;
typedef void CURLM;

CURLM *curl_multi_init(void);
int curl_easy_setopt(CURL *easy, int option, ...);
int curl_easy_perform(CURL *easy);
int curl_multi_perform(CURLM *multi, int *running);
int curl_multi_add_handle(CURLM *multi, CURL *easy);
int curl_multi_wakeup(CURLM *multi);
